import Synchronization

@testable import Engine

/// A target whose index runs are merged by somebody else right after they were listed for the first time.
final class VanishingRuns: Target {
    static let name = "vanishing"
    static let summary = "memory whose index runs are merged while they are read"

    private let inner: MemoryTarget
    private let store: MemoryStore
    private let merged = Mutex(false)

    init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        store = MemoryStore()
        inner = MemoryTarget(store)
    }

    init(_ inner: MemoryTarget, store: MemoryStore) {
        self.inner = inner
        self.store = store
    }

    var hasMerged: Bool { merged.withLock { $0 } }
    var capabilities: TargetCapabilities { inner.capabilities }

    func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        let listed = try await inner.list(prefix: prefix)
        let isFirst =
            prefix == ObjectLayout.index
            && merged.withLock { merged in
                defer { merged = true }
                return !merged
            }
        if isFirst { try merge() }
        return listed
    }

    private func merge() throws(EngineError) {
        var entries: [BlobEntry] = []
        for key in store.runs {
            let bytes = store[key] ?? []
            entries += try IndexRun(name: key.lastPart, parsing: bytes.span.bytes).entries
            store[key] = nil
        }
        store.put(IndexRun(name: "merged", entries: entries))
    }

    func open() async throws(EngineError) { try await inner.open() }
    func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) { try await inner.put(key, content) }
    func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        try await inner.get(key, range, into: output)
    }
    func size(of key: ObjectKey) async throws(EngineError) -> Int? { try await inner.size(of: key) }
    func delete(_ key: ObjectKey) async throws(EngineError) { try await inner.delete(key) }
    func close() async { await inner.close() }
}
