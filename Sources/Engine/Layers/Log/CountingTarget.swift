package import Logging
import Synchronization

/// Passes everything on and counts it: what a piece of work costs in requests, bytes and seconds. With a logger each
/// request has a line at debug level, and the sums one at info level when the target is closed. Keys and sizes are in
/// them, contents and credentials are not.
package final class CountingTarget: Target {
    package static let name = "counting-memory"
    package static let summary = "memory that counts its requests: for trials"

    /// What was asked of a target so far.
    package struct Tally: Sendable, Equatable {
        package var calls: [TargetCall: Int] = [:]
        package var failures: [TargetCall: Int] = [:]
        /// Summed over calls that may have run at once.
        package var seconds: [TargetCall: Double] = [:]
        package var bytesPut = 0
        package var bytesAppended = 0
        package var bytesGot = 0
    }

    private let inner: any Target
    private let clock: LayerClock
    private let logger: Logger?
    private let state = Mutex(Tally())

    package convenience init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(try MemoryTarget(settings, in: context))
    }

    package init(_ inner: any Target, clock: LayerClock = .machine, logger: Logger? = nil) {
        self.inner = inner
        self.clock = clock
        self.logger = logger
    }

    package var tally: Tally { state.withLock { $0 } }

    /// Starts counting anew.
    package func reset() { state.withLock { $0 = Tally() } }

    package var capabilities: TargetCapabilities { inner.capabilities }

    package func open() async throws(EngineError) {
        try await counting(.open, "") { () throws(EngineError) in try await inner.open() }
    }

    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        try await counting(.put, "\(key) \(content.count) bytes") { () throws(EngineError) in
            try await inner.put(key, content)
        }
        state.withLock { $0.bytesPut += content.count }
    }

    package func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload {
        let upload = try await counting(.begin, key.text) { () throws(EngineError) in try await inner.begin(key) }
        return LayeredUpload(upload) { [self] call, bytes, body throws(EngineError) in
            try await counting(call, call == .append ? "\(key) \(bytes) bytes" : key.text, body)
            if call == .append { state.withLock { $0.bytesAppended += bytes } }
        }
    }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        let before = output.count
        try await counting(.get, "\(key) \(range.map { "\($0)" } ?? "whole")") { () throws(EngineError) in
            try await inner.get(key, range, into: output)
        }
        state.withLock { $0.bytesGot += output.count - before }
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? {
        try await counting(.size, key.text) { () throws(EngineError) in try await inner.size(of: key) }
    }

    package func delete(_ key: ObjectKey) async throws(EngineError) {
        try await counting(.delete, key.text) { () throws(EngineError) in try await inner.delete(key) }
    }

    package func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        try await counting(.list, prefix) { () throws(EngineError) in try await inner.list(prefix: prefix) }
    }

    package func sweep() async throws(EngineError) -> Int {
        try await counting(.sweep, "") { () throws(EngineError) in try await inner.sweep() }
    }

    package func close() async {
        await inner.close()
        guard let logger else { return }
        for line in tally.lines { logger.info("\(line)") }
    }

    private func counting<R: Sendable>(
        _ call: TargetCall, _ what: String, _ body: () async throws(EngineError) -> R
    ) async throws(EngineError) -> R {
        let start = clock.elapsed()
        state.withLock { $0.calls[call, default: 0] += 1 }
        do throws(EngineError) {
            let result = try await body()
            note(call, what, since: start, nil)
            return result
        } catch {
            note(call, what, since: start, error)
            throw error
        }
    }

    private func note(_ call: TargetCall, _ what: String, since start: Duration, _ error: EngineError?) {
        let seconds = (clock.elapsed() - start).inSeconds
        state.withLock { tally in
            tally.seconds[call, default: 0] += seconds
            if error != nil { tally.failures[call, default: 0] += 1 }
        }
        let outcome = error.map { ": \($0.kind.rawValue)" } ?? ""
        logger?.debug("\(call.rawValue) \(what) in \(Int((seconds * 1000).rounded())) ms\(outcome)")
    }
}

extension CountingTarget.Tally {
    /// A line for each kind of call that was made.
    package var lines: [String] {
        TargetCall.allCases.compactMap { call in
            guard let count = calls[call] else { return nil }
            let bytes =
                switch call {
                case .put: ", \(ByteCount(bytesPut))"
                case .append: ", \(ByteCount(bytesAppended))"
                case .get: ", \(ByteCount(bytesGot))"
                default: ""
                }
            let failed = failures[call].map { ", \($0) failed" } ?? ""
            let milliseconds = Int((seconds[call, default: 0] * 1000).rounded())
            return "\(call.rawValue): \(count) requests\(bytes), \(milliseconds) ms in all\(failed)"
        }
    }
}
