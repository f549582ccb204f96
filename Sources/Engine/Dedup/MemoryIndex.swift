import Synchronization

/// The whole index in memory: quick and simple, about 110 bytes for each distinct chunk.
///
/// Nothing of it outlives the process; the runs and the packs' tables fill it again.
public final class MemoryIndex: DedupIndex {
    public typealias Settings = NoSettings
    public static let name = "memory"
    public static let summary = "the whole index in memory, about 1.7 GiB for each TiB of distinct data"

    private let state = Mutex(State())

    public init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {}

    public func take(_ runs: StoredRuns) async throws(EngineError) -> TakenRuns {
        let new = runs.runs.filter { run in state.withLock { $0.runs[run.name] == nil } }
        let failures = Mutex<[String: EngineError]>([:])
        try await runs.together(new.filter { $0.size <= StoredRuns.sideBySide }) { run in
            if let failure = try await self.failure(of: run, of: runs) {
                failures.withLock { $0[run.name] = failure }
            }
        }
        for run in new where run.size > StoredRuns.sideBySide {
            if let failure = try await failure(of: run, of: runs) { failures.withLock { $0[run.name] = failure } }
        }
        let names = Set(runs.runs.map(\.name))
        let listed = state.withLock { state in
            state.runs = state.runs.filter { names.contains($0.key) }
            return Set(state.runs.values.joined())
        }
        return TakenRuns(packs: listed, failures: failures.withLock { $0 })
    }

    /// Takes a run in; gives what is wrong with it, if only that run is.
    private func failure(
        of run: StoredRuns.Run, of runs: StoredRuns
    ) async throws(EngineError) -> EngineError? {
        do throws(EngineError) {
            try await takeIn(run, of: runs)
            return nil
        } catch {
            guard error.isOfOneRun else { throw error }
            return error
        }
    }

    private func takeIn(_ run: StoredRuns.Run, of runs: StoredRuns) async throws(EngineError) {
        if run.size > StoredRuns.sideBySide {
            let packs = try await runs.head(run).packs.map(\.id)
            let isNew = state.withLock { state in
                let isNew = !state.packs.isSuperset(of: packs)
                if !isNew { state.runs[run.name] = packs }
                return isNew
            }
            guard isNew else { return }
        }
        let whole = try await runs.whole(run)
        insert(whole.entries)
        let packs = Set(whole.entries.map(\.location.pack))
        state.withLock { state in
            state.runs[run.name] = Array(packs)
            state.packs.formUnion(packs)
        }
    }

    public func add(_ run: IndexRun) throws(EngineError) { insert(run.entries) }

    public func avoid(_ copies: AvoidedCopies) { state.withLock { $0.avoided = copies } }

    public func location(of id: Digest) -> BlobLocation? {
        state.withLock { $0.table.location(of: id, avoiding: $0.avoided) }
    }

    public func copies(of id: Digest) -> [BlobLocation] {
        let (all, avoided) = state.withLock { ($0.table.copies(of: id), $0.avoided) }
        return avoided.sorted(all, of: id)
    }

    public func holds(_ id: Digest) -> Bool { state.withLock { $0.table.wanted(id, avoiding: $0.avoided) != nil } }

    public func claim(_ id: Digest) -> ChunkClaim {
        state.withLock { state in
            if let location = state.table.wanted(id, avoiding: state.avoided) { return .stored(location) }
            return state.pending.insert(id).inserted ? .new : .pending
        }
    }

    public func record(_ entries: [BlobEntry]) { insert(entries) }

    public func abandon(_ ids: [Digest]) {
        state.withLock { state in state.pending.subtract(ids) }
    }

    public var count: Int { state.withLock { $0.table.count } }

    private func insert(_ entries: [BlobEntry]) {
        state.withLock { state in
            for entry in entries { state.insert(entry) }
        }
    }

    private struct State {
        var table = EntryTable()
        /// Runs of the repository, and the packs that each lists.
        var runs: [String: [PackID]] = [:]
        /// Packs that were taken in whole.
        var packs: Set<PackID> = []
        var pending: Set<Digest> = []
        var avoided = AvoidedCopies()

        mutating func insert(_ entry: BlobEntry) {
            if !avoided.contains(entry.id, in: entry.location.pack) { pending.remove(entry.id) }
            table.insert(entry)
        }
    }
}
