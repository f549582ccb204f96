import Engine
import Synchronization

/// Remembers which objects were put and not deleted yet, and lets nothing be changed outside `contract/`.
struct TrackedTarget: Target {
    static let name = "tracked-memory"
    static let summary = "memory that knows what was put: for trials"

    private static let prefix = "contract/"

    private let inner: any Target
    private let keys: TrackedKeys

    init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(try MemoryTarget(settings, in: context), TrackedKeys())
    }

    init(_ inner: any Target, _ keys: TrackedKeys) {
        self.inner = inner
        self.keys = keys
    }

    var capabilities: TargetCapabilities { inner.capabilities }
    func open() async throws(EngineError) { try await inner.open() }

    /// A put that fails may have arrived: it is remembered all the same.
    func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        try refuseOthers(key)
        keys.note(key)
        try await inner.put(key, content)
    }

    func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload {
        try refuseOthers(key)
        keys.note(key)
        return try await inner.begin(key)
    }

    func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        try await inner.get(key, range, into: output)
    }

    func size(of key: ObjectKey) async throws(EngineError) -> Int? { try await inner.size(of: key) }

    func delete(_ key: ObjectKey) async throws(EngineError) {
        try refuseOthers(key)
        try await inner.delete(key)
        keys.forget(key)
    }

    func list(prefix: String) async throws(EngineError) -> [ListedObject] { try await inner.list(prefix: prefix) }
    func sweep() async throws(EngineError) -> Int { try await inner.sweep() }
    func close() async { await inner.close() }

    private func refuseOthers(_ key: ObjectKey) throws(EngineError) {
        guard !key.text.hasPrefix(Self.prefix) else { return }
        throw EngineError(.bug, "a check of a target would change \(key), which is not below \(Self.prefix)")
    }
}

/// The objects of one check that may be there still.
final class TrackedKeys: Sendable {
    private let keys = Mutex<Set<ObjectKey>>([])

    var all: [ObjectKey] { keys.withLock { $0.sorted() } }
    var names: [String] { all.map(\.text) }
    var isEmpty: Bool { keys.withLock { $0.isEmpty } }
    func note(_ key: ObjectKey) { keys.withLock { _ = $0.insert(key) } }
    func forget(_ key: ObjectKey) { keys.withLock { _ = $0.remove(key) } }
}
