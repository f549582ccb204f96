import Synchronization

/// The whole index in memory: quick and simple, about 110 bytes for each distinct chunk.
///
/// Nothing of it outlives the process; the runs and the packs' tables fill it again.
public final class MemoryIndex: DedupIndex {
    public typealias Settings = NoSettings
    public static let name = "memory"
    public static let summary = "the whole index in memory, about 1.7 GiB for each TiB of distinct data"

    private struct State {
        var stored: [Digest: BlobLocation] = [:]
        var pending: Set<Digest> = []
    }

    private let state = Mutex(State())

    public init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {}

    public func add(_ run: IndexRun) throws(EngineError) { insert(run.entries) }

    public func location(of id: Digest) -> BlobLocation? { state.withLock { $0.stored[id] } }

    public func claim(_ id: Digest) -> ChunkClaim {
        state.withLock { state in
            if let location = state.stored[id] { return .stored(location) }
            return state.pending.insert(id).inserted ? .new : .pending
        }
    }

    public func record(_ entries: [BlobEntry]) { insert(entries) }

    public func abandon(_ ids: [Digest]) {
        state.withLock { state in state.pending.subtract(ids) }
    }

    public var count: Int { state.withLock { $0.stored.count } }

    private func insert(_ entries: [BlobEntry]) {
        state.withLock { state in
            for entry in entries {
                state.stored[entry.id] = entry.location
                state.pending.remove(entry.id)
            }
        }
    }
}
