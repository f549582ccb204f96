/// How often and when a call is tried again.
package struct RetryPolicy: Sendable, Equatable {
    /// In all, the first one included.
    package var attempts = 20
    /// The longest first pause; each further one may be twice as long.
    package var first = Duration.milliseconds(500)
    /// No pause is longer.
    package var longest = Duration.seconds(15)
    /// From the first attempt on; no attempt begins later.
    package var within = Duration.seconds(600)

    package init() {}

    package init(attempts: Int, first: Duration, longest: Duration, within: Duration) {
        self.attempts = attempts
        self.first = first
        self.longest = longest
        self.within = within
    }

    /// The pause after so many failed attempts: any length up to the limit (full jitter), so that many callers that
    /// failed together do not come back together.
    /// - Parameter chance: 0 up to 1.
    func pause(after failures: Int, chance: Double) -> Duration {
        var limit = first
        for _ in 1..<max(1, failures) where limit < longest { limit += limit }
        return min(limit, longest) * min(max(chance, 0), 1)
    }

    /// For opening: whoever mistyped a name does not want to wait.
    var forOpening: RetryPolicy {
        var policy = self
        policy.attempts = min(attempts, 4)
        return policy
    }
}
