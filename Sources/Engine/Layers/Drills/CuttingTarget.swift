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

    /// - Parameter every: of so many puts and gets one is cut.
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

    /// An `append` is cut before it arrives, whatever the moment: only the answer to `finish` leaves anything open.
    package func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload {
        LayeredUpload(try await inner.begin(key)) { [self] call, _, body throws(EngineError) in
            let isCut = isCut()
            if isCut, moment == .sending || call == .append { throw cut("put", key) }
            try await body()
            if isCut { throw cut("put", key) }
        }
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
            defer { calls += 1 }
            return calls % every == place(in: calls / every)
        }
    }

    /// Which of so many calls is cut: the last of the first ones, and then one here and one there, so that callers that
    /// take turns are not met again and again.
    private func place(in round: Int) -> Int {
        guard round > 0 else { return every - 1 }
        return Int((UInt64(round) &* 0x9E37_79B9_7F4A_7C15) >> 33 % UInt64(every))
    }

    private func cut(_ action: String, _ key: ObjectKey) -> EngineError {
        EngineError(
            .unreachable, "a drill: the connection broke in the middle of a \(action) of \(key)", isRetryable: true)
    }
}
