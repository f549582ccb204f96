import Synchronization

/// Keeps the bytes a second within limits, which may change with the hour, also while requests wait.
///
/// Objects go whole and at full speed; what is bounded is the average, by pauses between them. Requests go in the order
/// they come. Only the bytes of objects count: listings and answers without content are small.
package struct ThrottledTarget: Target {
    package static let name = "throttled-memory"
    package static let summary = "memory with a limit on bytes a second: for trials"

    private let inner: any Target
    private let schedule: BandwidthSchedule
    private let clock: LayerClock
    private let upload: Direction
    private let download: Direction

    /// No pause is longer, so that other limits count soon after their window begins.
    private static let longestPause = Duration.seconds(5)

    package init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(
            try MemoryTarget(settings, in: context),
            BandwidthSchedule(usual: BandwidthRates(upload: 1 << 20, download: 1 << 20)))
    }

    package init(_ inner: any Target, _ schedule: BandwidthSchedule, clock: LayerClock = .machine) {
        self.inner = inner
        self.schedule = schedule
        self.clock = clock
        upload = Direction(at: clock.elapsed())
        download = Direction(at: clock.elapsed())
    }

    package var capabilities: TargetCapabilities { inner.capabilities }
    package func open() async throws(EngineError) { try await inner.open() }

    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        try await wait(for: content.count, upload) { $0.upload }
        try await inner.put(key, content)
    }

    package func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload {
        LayeredUpload(try await inner.begin(key)) { [self] call, bytes, body throws(EngineError) in
            if call == .append { try await wait(for: bytes, upload) { $0.upload } }
            try await body()
        }
    }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        try await wait(for: range?.count ?? 0, download) { $0.download }
        let before = output.count
        try await inner.get(key, range, into: output)
        if range == nil { download.take(output.count - before) }
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? { try await inner.size(of: key) }
    package func delete(_ key: ObjectKey) async throws(EngineError) { try await inner.delete(key) }

    package func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        try await inner.list(prefix: prefix)
    }

    package func sweep() async throws(EngineError) -> Int { try await inner.sweep() }
    package func close() async { await inner.close() }

    private func wait(
        for bytes: Int, _ direction: Direction, _ rate: (BandwidthRates) -> Int?
    ) async throws(EngineError) {
        try await direction.line.pass { () throws(EngineError) in
            while let pause = direction.pause(at: clock.elapsed(), rate: rate(schedule.rates(at: clock.now()))) {
                try await clock.sleep(min(pause, Self.longestPause))
            }
            direction.take(bytes)
        }
    }

    /// One direction's requests in their order, and what they may send.
    private final class Direction: Sendable {
        let line = WaitingLine(places: 1)
        private let bucket: Mutex<TokenBucket>

        init(at time: Duration) { bucket = Mutex(TokenBucket(at: time)) }

        func pause(at time: Duration, rate: Int?) -> Duration? { bucket.withLock { $0.pause(at: time, rate: rate) } }
        func take(_ bytes: Int) { bucket.withLock { $0.take(bytes) } }
    }
}
