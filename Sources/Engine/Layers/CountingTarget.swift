import Synchronization

/// Passes everything on and counts it: what a piece of work costs in requests and bytes.
package final class CountingTarget: Target {
    package static let name = "counting-memory"
    package static let summary = "memory that counts its requests: for trials"

    /// What was asked of a target so far.
    package struct Tally: Sendable, Equatable {
        package var calls: [TargetCall: Int] = [:]
        package var bytesPut = 0
        package var bytesGot = 0
    }

    private let inner: any Target
    private let state = Mutex(Tally())

    package convenience init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(try MemoryTarget(settings, in: context))
    }

    package init(_ inner: any Target) { self.inner = inner }

    package var tally: Tally { state.withLock { $0 } }

    /// Starts counting anew.
    package func reset() { state.withLock { $0 = Tally() } }

    package var capabilities: TargetCapabilities { inner.capabilities }

    package func open() async throws(EngineError) {
        count(.open)
        try await inner.open()
    }

    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        count(.put)
        try await inner.put(key, content)
        state.withLock { $0.bytesPut += content.count }
    }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        count(.get)
        let before = output.count
        try await inner.get(key, range, into: output)
        state.withLock { $0.bytesGot += output.count - before }
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? {
        count(.size)
        return try await inner.size(of: key)
    }

    package func delete(_ key: ObjectKey) async throws(EngineError) {
        count(.delete)
        try await inner.delete(key)
    }

    package func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        count(.list)
        return try await inner.list(prefix: prefix)
    }

    package func sweep() async throws(EngineError) -> Int {
        count(.sweep)
        return try await inner.sweep()
    }

    package func close() async { await inner.close() }

    private func count(_ call: TargetCall) { state.withLock { $0.calls[call, default: 0] += 1 } }
}
