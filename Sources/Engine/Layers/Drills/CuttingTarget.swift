import Synchronization

/// Breaks the connection in the middle of some puts and gets: nobody can tell from the error whether a put arrived.
package final class CuttingTarget: Target {
    package static let name = "cutting-memory"
    package static let summary = "memory whose connection breaks: for drills"

    /// When a put is cut.
    package enum Moment: String, Sendable, Codable, SettingWord {
        /// Before it is whole: nothing is there.
        case sending
        /// Before the answer comes: the object is there.
        case sent
    }

    private let inner: any Target
    private let every: Int
    private let moment: Moment
    private let calls = Mutex(0)

    package convenience init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(try MemoryTarget(settings, in: context), every: 2, after: .sending)
    }

    /// - Parameter every: of so many puts and gets the last one is cut.
    package init(_ inner: any Target, every: Int, after moment: Moment) {
        precondition(every >= 1)
        self.inner = inner
        self.every = every
        self.moment = moment
    }

    package var capabilities: TargetCapabilities { inner.capabilities }
    package func open() async throws(EngineError) { try await inner.open() }

    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        let isCut = isCut()
        if isCut, moment == .sending { throw cut("put", key) }
        try await inner.put(key, content)
        if isCut { throw cut("put", key) }
    }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        let before = output.count
        try await inner.get(key, range, into: output)
        guard isCut() else { return }
        output.truncate(to: before)
        throw cut("get", key)
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? { try await inner.size(of: key) }
    package func delete(_ key: ObjectKey) async throws(EngineError) { try await inner.delete(key) }

    package func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        try await inner.list(prefix: prefix)
    }

    package func sweep() async throws(EngineError) -> Int { try await inner.sweep() }
    package func close() async { await inner.close() }

    private func isCut() -> Bool {
        calls.withLock { calls in
            calls += 1
            return calls % every == 0
        }
    }

    private func cut(_ action: String, _ key: ObjectKey) -> EngineError {
        EngineError(
            .unreachable, "a drill: the connection broke in the middle of a \(action) of \(key)", isRetryable: true)
    }
}
