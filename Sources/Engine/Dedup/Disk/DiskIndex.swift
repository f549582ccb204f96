import Logging
import Synchronization

/// The index in sorted files of this machine, mapped into memory, with a filter in memory that answers for nearly every
/// blob that is new: about 2 bytes of memory for each distinct chunk, however many there are.
///
/// New entries gather in a table in memory, which becomes a file when it is full; files are merged by size. A file that
/// is lost or damaged is fetched again from the repository at the next start.
///
/// Crash story: entries of the table are lost with the process; the repository's runs and packs have them.
public final class DiskIndex: DedupIndex {
    public typealias Settings = DiskIndexSettings
    public static let name = "disk"
    public static let summary =
        "the index in files of the cache folder, at most 32 MiB of memory for each TiB of distinct data"

    let state = Mutex(DiskIndexState())
    /// Held by the thread that writes, merges and removes files.
    let upkeep = Mutex(())
    let logger: Logger
    private let folder: String

    /// So many entries of the table become a file.
    let tableLimit: Int

    /// - Throws: `.configuration` when there is no folder to use.
    public convenience init(_ settings: DiskIndexSettings, in context: PluginContext) throws(EngineError) {
        try self.init(settings, in: context, tableLimit: 1 << 16)
    }

    init(_ settings: DiskIndexSettings, in context: PluginContext, tableLimit: Int) throws(EngineError) {
        guard let folder = settings.path.map(context.resolve) ?? context.cacheDirectory else {
            throw EngineError(.configuration, "there is no cache folder: give `path`, a folder for the index's files")
        }
        self.folder = folder
        self.tableLimit = tableLimit
        logger = context.logger
    }

    /// The folder of one repository's files.
    func path(ofRepository id: String) -> String { "\(folder)/index-\(id)" }

    public func add(_ run: IndexRun) throws(EngineError) { insert(run.entries) }

    public func record(_ entries: [BlobEntry]) { insert(entries, isOwn: true) }

    public func avoid(_ copies: AvoidedCopies) { state.withLock { $0.avoided = copies } }

    public func location(of id: Digest) -> BlobLocation? {
        let (found, avoided) = find(id)
        return found.first { !avoided.contains(id, in: $0.pack) } ?? found.first
    }

    public func copies(of id: Digest) -> [BlobLocation] {
        let (found, avoided) = find(id)
        return avoided.sorted(found, of: id)
    }

    public func holds(_ id: Digest) -> Bool {
        let (found, avoided) = find(id)
        return found.contains { !avoided.contains(id, in: $0.pack) }
    }

    public func claim(_ id: Digest) -> ChunkClaim {
        while true {
            let step = state.withLock { $0.claim(id) }
            switch step {
            case .answer(let claim): return claim
            case .look(let levels, let avoided, let generation):
                let found = look(for: id, in: levels)
                if let wanted = found.first(where: { !avoided.contains(id, in: $0.pack) }) { return .stored(wanted) }
                if let claim = state.withLock({ $0.take(id, ifStill: generation) }) { return claim }
            }
        }
    }

    public func abandon(_ ids: [Digest]) {
        state.withLock { $0.pending.subtract(ids) }
    }

    public var count: Int {
        let (levels, tables) = state.withLock { ($0.levels, [$0.table, $0.spilling]) }
        let merge = RunMerge(levels.map(\.cached.run)) { pack in levels.contains { $0.shows(pack) } }
        let onDisk = (try? merge.countBlobs()) ?? levels.reduce(0) { $0 + $1.cached.run.count }
        let isOnDisk = { (id: Digest) in !self.look(for: id, in: levels).isEmpty }
        let inMemory = Set(tables.flatMap { $0.sorted.map(\.id) })
        return onDisk + inMemory.count { !isOnDisk($0) }
    }

    /// Every copy, wherever it is, and what to avoid.
    private func find(_ id: Digest) -> ([BlobLocation], AvoidedCopies) {
        let (found, levels, avoided) = state.withLock { ($0.inMemory(id), $0.candidates(for: id), $0.avoided) }
        return levels.isEmpty ? (found, avoided) : (found.adding(look(for: id, in: levels)), avoided)
    }

    /// The copies that files have. A file that is damaged is given up.
    private func look(for id: Digest, in levels: [DiskIndexState.Level]) -> [BlobLocation] {
        var found: [BlobLocation] = []
        for level in levels {
            guard let records = level.cached.records(of: id) else {
                giveUp(level.cached)
                continue
            }
            let packs = level.cached.run.packs
            for record in records where record.packNumber < packs.count && !level.isHidden(record.packNumber) {
                found = found.adding([record.entry(in: packs[record.packNumber]).location])
            }
        }
        return found
    }

    private func giveUp(_ cached: CachedRun) {
        let folder = state.withLock { state in
            state.replace([cached], by: nil)
            return state.folder
        }
        folder?.remove(cached.name)
        logger.warning("\(cached.run.path) is damaged: it was removed, and is fetched from the repository again")
    }

    /// - Parameter isOwn: whether they count without a run of the repository that lists them.
    func insert(_ entries: [BlobEntry], isOwn: Bool = false) {
        let isFull = state.withLock { state in
            state.insert(entries, isOwn: isOwn)
            return state.table.count >= tableLimit && state.folder != nil
        }
        if isFull { spill() }
    }
}

/// Settings of the index on disk.
public struct DiskIndexSettings: PluginSettings {
    /// Folder of its files; nil for the host's cache.
    public let path: String?

    public init(path: String? = nil) { self.path = path }

    public static let fields: [Field] = [
        .optional("path", "folder for its files, which can be deleted at any time; the cache folder unless given")
    ]
}

extension [BlobLocation] {
    /// With the copies of `others` that lie in other packs.
    fileprivate func adding(_ others: [BlobLocation]) -> [BlobLocation] {
        self + others.filter { other in !contains { $0.pack == other.pack } }
    }
}
