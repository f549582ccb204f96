import Engine

/// How often and how long a call is repeated when its failure may pass by itself.
///
/// Pauses double from `first` to `longest`, each shortened by chance to between half and all of it, so that many
/// clients do not come back at the same instant. They add up to well over a minute: a server that restarts is met again.
package struct HTTPRetryPolicy: Sendable {
    /// How often a call is tried at most.
    package var attempts = 24
    /// No attempt begins later than this after the first one.
    package var total = Duration.seconds(180)
    package var first = Duration.milliseconds(400)
    package var longest = Duration.seconds(15)
    /// How long not a byte may move before an attempt counts as failed.
    package var stall = Duration.seconds(60)
    /// Waits; given in tests so that they need not.
    package var wait: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// Time since an arbitrary moment, which only runs forward.
    package var elapsed: @Sendable () -> Duration = { ContinuousClock.now - Self.start }

    private static let start = ContinuousClock.now

    package init() {}

    /// The pause before the attempt that follows `attempt`, the first being 1.
    /// - Parameter wish: how long the server asked to be left alone.
    /// - Returns: nil when it is time to give up.
    package func pause(after attempt: Int, since begin: Duration, wish: Duration?) -> Duration? {
        guard attempt < attempts else { return nil }
        var doubled = first
        for _ in 1..<attempt where doubled < longest { doubled *= 2 }
        let pause = max(min(doubled, longest) * Double.random(in: 0.5...1), wish ?? .zero)
        return elapsed() - begin + pause <= total ? pause : nil
    }
}
