/// Lets everything be read and nothing be changed.
package struct ReadOnlyTarget: Target {
    package static let name = "read-only-memory"
    package static let summary = "memory that cannot be written to: for trials"

    private let inner: any Target

    package init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(try MemoryTarget(settings, in: context))
    }

    package init(_ inner: any Target) { self.inner = inner }

    package var capabilities: TargetCapabilities { inner.capabilities }
    package func open() async throws(EngineError) { try await inner.open() }

    /// - Throws: `.denied`, always.
    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) { throw refusal("put", key) }

    /// - Throws: `.denied`, always.
    package func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload { throw refusal("put", key) }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        try await inner.get(key, range, into: output)
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? { try await inner.size(of: key) }

    /// - Throws: `.denied`, always.
    package func delete(_ key: ObjectKey) async throws(EngineError) { throw refusal("delete", key) }

    package func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        try await inner.list(prefix: prefix)
    }

    /// Leaves everything where it is.
    package func sweep() async throws(EngineError) -> Int { 0 }

    package func close() async { await inner.close() }

    private func refusal(_ action: String, _ key: ObjectKey) -> EngineError {
        EngineError(
            .denied,
            "cannot \(action) \(key): the layer `read-only` of this repository lets nothing be changed; "
                + "take it out of `layers` to write")
    }
}
