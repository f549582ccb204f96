import Synchronization

@testable import Engine

/// Holds puts up at a gate, and knows how many stood there at once.
struct HeldTarget: Target {
    typealias Settings = NoSettings
    static let name = "held"
    static let summary = "puts wait at a gate"

    final class Crowd: Sendable {
        let gate = Gate()
        private let counts = Mutex((now: 0, most: 0))
        var now: Int { counts.withLock { $0.now } }
        var most: Int { counts.withLock { $0.most } }

        func enter() {
            counts.withLock { counts in
                counts.now += 1
                counts.most = max(counts.most, counts.now)
            }
        }

        func leave() { counts.withLock { $0.now -= 1 } }
    }

    let crowd = Crowd()
    private let inner: any Target

    init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(try MemoryTarget(settings, in: context))
    }

    init(_ inner: any Target) { self.inner = inner }

    var capabilities: TargetCapabilities { inner.capabilities }
    func open() async throws(EngineError) { try await inner.open() }

    func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        crowd.enter()
        defer { crowd.leave() }
        await crowd.gate.passed()
        try await inner.put(key, content)
    }

    func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        try await inner.get(key, range, into: output)
    }

    func size(of key: ObjectKey) async throws(EngineError) -> Int? { try await inner.size(of: key) }
    func delete(_ key: ObjectKey) async throws(EngineError) { try await inner.delete(key) }
    func list(prefix: String) async throws(EngineError) -> [ListedObject] { try await inner.list(prefix: prefix) }
    func close() async { await inner.close() }
}
