import Logging
import Synchronization

/// How the files of the index on disk come, grow together and go.
extension DiskIndex {
    /// A file is merged with all smaller ones when it has fewer entries than so many times theirs.
    private static let growth = 3

    /// Finds the files that other runs have left, this process's or another's.
    func open(ofRepository id: String) throws(EngineError) {
        let known = state.withLock { $0.folder }
        let folder = if let known { known } else { try IndexFolder(path(ofRepository: id)) }
        let isFirst = state.withLock { state in
            defer { state.folder = folder }
            return state.folder == nil
        }
        if isFirst {
            let catalogue = RunCatalogue(reading: folder.catalogue)
            state.withLock { $0.catalogue = catalogue }
        }
        upkeep.withLock { _ in adopt(from: folder) }
    }

    /// Maps files that are new in the folder, and lets go of those that another process has merged.
    private func adopt(from folder: IndexFolder) {
        for _ in 0..<3 {
            guard let names = try? folder.names() else { return }
            let known = Set(state.withLock { $0.levels.map(\.cached.name) })
            let all = folder.entries(of: names)
            var vanished = false
            for name in names where !known.contains(name) {
                do throws(EngineError) {
                    let cached = try folder.open(name, among: all)
                    state.withLock { $0.replace([], by: cached) }
                } catch {
                    vanished = vanished || error.kind == .notFound
                    if error.kind != .notFound { logger.warning("\(error); it is fetched from the repository again") }
                }
            }
            drop(notIn: Set(names))
            if !vanished { return }
        }
    }

    /// Lets go of files that are gone, if others have all their packs.
    private func drop(notIn names: Set<String>) {
        state.withLock { state in
            for level in state.levels where !names.contains(level.cached.name) {
                let others = state.levels.filter { $0.cached !== level.cached && names.contains($0.cached.name) }
                let isCovered = level.cached.packs.allSatisfy { pack in
                    others.contains { $0.cached.packs.contains(pack) }
                }
                if isCovered { state.replace([level.cached], by: nil) }
            }
        }
    }

    /// Makes the table a file, and merges files of similar size. What cannot be written stays in memory.
    func spill() {
        _ = upkeep.withLockIfAvailable { _ in
            guard let folder = state.withLock({ $0.folder }) else { return }
            guard let table = state.withLock({ $0.beginSpill() }) else { return }
            do throws(EngineError) {
                let cached = try write(table, to: folder)
                state.withLock { $0.endSpill(cached) }
            } catch {
                logger.warning("\(error); the index grows in memory instead")
                state.withLock { $0.cancelSpill() }
            }
        }
        settle()
    }

    private func write(_ table: EntryTable, to folder: IndexFolder) throws(EngineError) -> CachedRun {
        let entries = table.sorted
        var numbers: [PackID: Int] = [:]
        var packs: [RunPack] = []
        for entry in entries where numbers[entry.location.pack] == nil {
            numbers[entry.location.pack] = packs.count
            packs.append(RunPack(id: entry.location.pack, kind: entry.location.kind))
        }
        let temporary = folder.temporary()
        let file = try RunFile(temporary, packs: packs)
        for entry in entries {
            let number = numbers[entry.location.pack] ?? 0
            try file.append(RunRecord(entry, packNumber: number), packNumber: number)
        }
        try file.seal()
        return try folder.adopt(temporary, bits: bits(of: entries.count))
    }

    /// Merges files until each has several times the entries of all smaller ones, and drops packs that do not count.
    /// Does nothing while another process is at it.
    func settle() {
        _ = upkeep.withLockIfAvailable { _ in
            guard let folder = state.withLock({ $0.folder }), !chosen().isEmpty else { return }
            guard let lock = folder.lock() else { return }
            adopt(from: folder)
            while !chosen().isEmpty {
                guard merge(chosen(), in: folder) else { break }
            }
            _ = consume lock
        }
    }

    /// The files to be merged next.
    private func chosen() -> [DiskIndexState.Level] {
        let levels = state.withLock { $0.levels }.sorted { $0.cached.run.count > $1.cached.run.count }
        var rest = levels.reduce(0) { $0 + $1.cached.run.count }
        for (position, level) in levels.enumerated() {
            rest -= level.cached.run.count
            if level.cached.run.count < Self.growth * rest { return Array(levels[position...]) }
        }
        return levels.filter { level in 4 * level.hidden.count { $0 } > level.cached.run.packs.count }.prefix(1).map(
            \.self)
    }

    private func merge(_ levels: [DiskIndexState.Level], in folder: IndexFolder) -> Bool {
        let runs = levels.map(\.cached)
        let count = runs.reduce(0) { $0 + $1.run.count }
        do throws(EngineError) {
            let merged = try folder.merge(runs, bits: bits(of: count)) { pack in levels.contains { $0.shows(pack) } }
            state.withLock { $0.replace(runs, by: merged.run.count == 0 ? nil : merged) }
            for run in runs { folder.remove(run.name) }
            if merged.run.count == 0 { folder.remove(merged.name) }
            return true
        } catch {
            logger.warning("\(error); the index keeps more files than it needs")
            return false
        }
    }

    /// Bits of filter for each entry of a file of `count` entries: fewer for the one that has most of all.
    func bits(of count: Int) -> Int {
        let all = state.withLock { state in state.levels.reduce(0) { $0 + $1.cached.run.count } }
        return IndexFolder.bits(of: count, among: all)
    }

    /// Keeps for the next start which packs each run lists.
    func remember() {
        guard let (folder, catalogue) = state.withLock({ state in state.folder.map { ($0, state.catalogue) } }) else {
            return
        }
        do throws(EngineError) {
            try catalogue.write(to: folder.catalogue, by: folder.temporary())
        } catch {
            logger.warning("\(error); more is read from the repository at the next start")
        }
    }
}
