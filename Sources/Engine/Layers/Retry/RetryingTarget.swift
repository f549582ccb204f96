package import Logging

/// Tries again what is retryable, with pauses that grow and have a random length.
///
/// A put that failed may have arrived all the same. When a later attempt meets `.alreadyExists`, what is there is
/// compared: with equal bytes the put is done. A get that failed halfway leaves nothing behind in the buffer.
///
/// Of an upload each `append` and the `finish` are tried again, each with all its attempts: an upload adds repeated bytes
/// once, and knows its own object. It is never begun anew, since its bytes are gone by then.
package struct RetryingTarget: Target {
    package static let name = "retrying-memory"
    package static let summary = "memory whose calls are tried again: for trials"

    private let inner: any Target
    private let policy: RetryPolicy
    private let clock: LayerClock
    /// 0 up to 1.
    private let chance: @Sendable () -> Double
    private let logger: Logger

    /// Bytes that are compared at once.
    private static let piece = 4 << 20

    package init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(try MemoryTarget(settings, in: context), RetryPolicy(), logger: context.logger)
    }

    package init(
        _ inner: any Target, _ policy: RetryPolicy, clock: LayerClock = .machine,
        chance: @escaping @Sendable () -> Double = { .random(in: 0..<1) }, logger: Logger
    ) {
        self.inner = inner
        self.policy = policy
        self.clock = clock
        self.chance = chance
        self.logger = logger
    }

    package var capabilities: TargetCapabilities { inner.capabilities }

    package func open() async throws(EngineError) {
        try await trying("open", policy.forOpening) { _ throws(EngineError) in try await inner.open() }
    }

    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        try await trying("put \(key)", policy) { failures throws(EngineError) in
            do throws(EngineError) {
                try await inner.put(key, content)
            } catch {
                guard error.kind == .alreadyExists, failures > 0, try await holds(content, key) else { throw error }
            }
        }
    }

    package func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload {
        let upload = try await trying("begin \(key)", policy) { _ throws(EngineError) in try await inner.begin(key) }
        return LayeredUpload(upload) { [self] call, _, body throws(EngineError) in
            try await trying("\(call.rawValue) \(key)", policy) { _ throws(EngineError) in try await body() }
        }
    }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        let before = output.count
        try await trying("get \(key)", policy) { _ throws(EngineError) in
            do throws(EngineError) {
                try await inner.get(key, range, into: output)
            } catch {
                output.truncate(to: before)
                throw error
            }
        }
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? {
        try await trying("size of \(key)", policy) { _ throws(EngineError) in try await inner.size(of: key) }
    }

    package func delete(_ key: ObjectKey) async throws(EngineError) {
        try await trying("delete \(key)", policy) { _ throws(EngineError) in try await inner.delete(key) }
    }

    package func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        try await trying("list \(prefix)", policy) { _ throws(EngineError) in try await inner.list(prefix: prefix) }
    }

    package func sweep() async throws(EngineError) -> Int {
        try await trying("sweep", policy) { _ throws(EngineError) in try await inner.sweep() }
    }

    package func close() async { await inner.close() }

    /// Whether the object that is there is what was to be put.
    private func holds(_ content: Buffer, _ key: ObjectKey) async throws(EngineError) -> Bool {
        guard try await inner.size(of: key) == content.count else { return false }
        let output = Buffer(capacity: max(1, min(content.count, Self.piece)))
        var start = 0
        while start < content.count {
            let range = start..<min(start + Self.piece, content.count)
            output.removeAll()
            try await inner.get(key, range, into: output)
            guard content.withBytes(range, { wanted in output.withBytes { $0.isEqual(to: wanted) } }) else {
                return false
            }
            start = range.upperBound
        }
        return true
    }

    /// - Parameter body: gets the number of attempts that failed so far.
    private func trying<R: Sendable>(
        _ what: String, _ policy: RetryPolicy, _ body: (Int) async throws(EngineError) -> R
    ) async throws(EngineError) -> R {
        let start = clock.elapsed()
        var failures = 0
        while true {
            let failure: EngineError
            do throws(EngineError) {
                return try await body(failures)
            } catch {
                guard error.isRetryable else { throw error }
                failure = error
            }
            failures += 1
            let pause = policy.pause(after: failures, chance: chance())
            let passed = clock.elapsed() - start
            guard failures < policy.attempts, passed + pause <= policy.within else {
                guard failures > 1 else { throw failure }
                throw failure.at("\(failures) attempts in \(Int(passed.inSeconds.rounded())) s")
            }
            note(failure, of: what, failures)
            try await clock.sleep(pause)
        }
    }

    /// A fault that passes at once is nobody's business; one that stays is.
    private func note(_ failure: EngineError, of what: String, _ failures: Int) {
        let isLong = failures >= 4 && failures.nonzeroBitCount == 1
        logger.log(level: isLong ? .warning : .debug, "\(what): \(failure); trying again after \(failures) attempts")
    }
}

extension RawSpan {
    /// Whether both hold the same bytes.
    fileprivate func isEqual(to other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        return withUnsafeBytes { mine in other.withUnsafeBytes { mine.elementsEqual($0) } }
    }
}
