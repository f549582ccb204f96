/// Time as layers see it. Tests bring their own, which passes when they say so.
package struct LayerClock: Sendable {
    /// Time since some fixed moment; it never goes back.
    package let elapsed: @Sendable () -> Duration
    /// The time of day.
    package let now: @Sendable () -> Timestamp
    /// Waits; throws when the task is cancelled.
    private let pause: @Sendable (Duration) async throws -> Void

    package init(
        elapsed: @escaping @Sendable () -> Duration, now: @escaping @Sendable () -> Timestamp,
        pause: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.elapsed = elapsed
        self.now = now
        self.pause = pause
    }

    /// The machine's.
    package static let machine: LayerClock = {
        let start = ContinuousClock.now
        return LayerClock(elapsed: { ContinuousClock.now - start }, now: { .now() }) { try await Task.sleep(for: $0) }
    }()

    /// - Throws: `.cancelled`.
    package func sleep(_ duration: Duration) async throws(EngineError) {
        do { try await pause(duration) } catch { throw EngineError(.cancelled, "cancelled") }
    }
}

extension Duration {
    /// As a number.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
