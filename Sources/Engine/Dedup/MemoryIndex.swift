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

    public func add(_ run: IndexRun) throws(EngineError) { insert(run.entries) }

    public func avoid(_ copies: AvoidedCopies) { state.withLock { $0.avoided = copies } }

    public func location(of id: Digest) -> BlobLocation? {
        state.withLock { $0.wanted(id) ?? $0.stored[id] }
    }

    public func copies(of id: Digest) -> [BlobLocation] {
        state.withLock { state in
            let all = state.copies(of: id)
            return all.filter { !state.avoided.contains(id, in: $0.pack) }
                + all.filter { state.avoided.contains(id, in: $0.pack) }
        }
    }

    public func holds(_ id: Digest) -> Bool { state.withLock { $0.wanted(id) != nil } }

    public func claim(_ id: Digest) -> ChunkClaim {
        state.withLock { state in
            if let location = state.wanted(id) { return .stored(location) }
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
            for entry in entries { state.insert(entry) }
        }
    }

    private struct State {
        var stored: [Digest: BlobLocation] = [:]
        /// Copies beyond the first; few blobs have any.
        var others: [Digest: [BlobLocation]] = [:]
        var pending: Set<Digest> = []
        var avoided = AvoidedCopies()

        func copies(of id: Digest) -> [BlobLocation] {
            stored[id].map { [$0] + (others[id] ?? []) } ?? []
        }

        /// A copy that need not be avoided.
        func wanted(_ id: Digest) -> BlobLocation? {
            guard let first = stored[id] else { return nil }
            guard !avoided.isEmpty, avoided.contains(id, in: first.pack) else { return first }
            return others[id]?.first { !avoided.contains(id, in: $0.pack) }
        }

        mutating func insert(_ entry: BlobEntry) {
            let pack = entry.location.pack
            if !avoided.contains(entry.id, in: pack) { pending.remove(entry.id) }
            guard let first = stored[entry.id], first.pack != pack else {
                stored[entry.id] = entry.location
                return
            }
            let isKnown = others[entry.id]?.contains { $0.pack == pack } ?? false
            if !isKnown { others[entry.id, default: []].append(entry.location) }
        }
    }
}
