@testable import Engine

/// Holds calls of one kind up at a gate, if their keys begin so.
struct GatedTarget: Target {
    typealias Settings = NoSettings
    static let name = "gated"
    static let summary = "some calls wait at a gate"

    let gate = Gate()
    private let inner: any Target
    private let call: TargetCall
    private let prefix: String

    init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(try MemoryTarget(settings, in: context), .put, "")
    }

    init(_ inner: any Target, _ call: TargetCall, _ prefix: String) {
        self.inner = inner
        self.call = call
        self.prefix = prefix
    }

    var capabilities: TargetCapabilities { inner.capabilities }
    func open() async throws(EngineError) { try await inner.open() }

    func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        await wait(.put, key)
        try await inner.put(key, content)
    }

    func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        await wait(.get, key)
        try await inner.get(key, range, into: output)
    }

    func size(of key: ObjectKey) async throws(EngineError) -> Int? { try await inner.size(of: key) }
    func delete(_ key: ObjectKey) async throws(EngineError) { try await inner.delete(key) }
    func list(prefix: String) async throws(EngineError) -> [ListedObject] { try await inner.list(prefix: prefix) }
    func close() async { await inner.close() }

    private func wait(_ call: TargetCall, _ key: ObjectKey) async {
        if call == self.call, key.text.hasPrefix(prefix) { await gate.passed() }
    }
}
