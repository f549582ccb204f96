import Synchronization

/// How the index on disk follows the runs of the repository.
extension DiskIndex {
    /// So many runs are fetched again at each start rather than written to a file.
    private static let fewRuns = 16

    public func take(_ runs: StoredRuns) async throws(EngineError) -> TakenRuns {
        try open(ofRepository: runs.repository)
        var taken = TakenRuns()
        var heads = state.withLock { $0.catalogue.packs }
        let before = heads.count
        let names = Set(runs.runs.map(\.name))
        heads = heads.filter { names.contains($0.key) }
        let hasChanged = heads.count != before
        let new = runs.runs.filter { run in heads[run.name] == nil || !covers(heads[run.name] ?? []) }
        let fetched = try await fetch(new, of: runs, &taken)
        for (name, packs) in fetched { heads[name] = packs }
        taken.packs = Set(heads.values.joined())
        state.withLock { [heads] state in
            state.catalogue.packs = heads
            state.show(taken.packs)
        }
        if fetched.count > Self.fewRuns { spill() }
        if !fetched.isEmpty || hasChanged { remember() }
        settle()
        return taken
    }

    private func covers(_ packs: [PackID]) -> Bool {
        state.withLock { state in packs.allSatisfy { state.covers($0) } }
    }

    /// Fetches what is not known yet, small runs side by side; gives the packs of each run that could be read.
    private func fetch(
        _ new: [StoredRuns.Run], of runs: StoredRuns, _ taken: inout TakenRuns
    ) async throws(EngineError) -> [String: [PackID]] {
        let results = Mutex<(packs: [String: [PackID]], failures: [String: EngineError])>(([:], [:]))
        try await runs.together(new.filter { $0.size <= StoredRuns.sideBySide }) { run in
            do throws(EngineError) {
                let whole = try await runs.whole(run)
                self.insert(whole.entries)
                let packs = Array(Set(whole.entries.map(\.location.pack)))
                results.withLock { $0.packs[run.name] = packs }
            } catch {
                guard error.isOfOneRun else { throw error }
                results.withLock { $0.failures[run.name] = error }
            }
        }
        for run in new where run.size > StoredRuns.sideBySide {
            do throws(EngineError) {
                let packs = try await fetchLarge(run, of: runs)
                results.withLock { $0.packs[run.name] = packs }
            } catch {
                guard error.isOfOneRun else { throw error }
                results.withLock { $0.failures[run.name] = error }
            }
        }
        let (packs, failures) = results.withLock { $0 }
        taken.failures.merge(failures) { $1 }
        return packs
    }

    /// Fetches a run into a file, unless all its packs are known: merged runs say nothing new.
    private func fetchLarge(_ run: StoredRuns.Run, of runs: StoredRuns) async throws(EngineError) -> [PackID] {
        let packs = try await runs.head(run).packs.map(\.id)
        guard !covers(packs), let folder = state.withLock({ $0.folder }) else { return packs }
        let temporary = folder.temporary()
        try await runs.copy(run, to: temporary)
        let cached = try folder.adopt(temporary, bits: bits(of: run.size / IndexRun.entryCount))
        state.withLock { $0.replace([], by: cached) }
        return packs
    }
}

extension EngineError {
    /// Whether it is about the object alone: others can still be read.
    var isOfOneRun: Bool { kind == .corrupt || kind == .unsupported || kind == .notFound }
}
