/// Counts requests a second, of a user in all and of each operation.
struct RateLimiter: Sendable {
    struct Window: Sendable {
        var limit: Int
        var remaining: Int
    }

    private var second = 0
    private var counts: [String: Int] = [:]

    /// Counts one request under a name.
    ///
    /// - Returns: the window after it, with a negative remainder when the limit is passed; a limit of 0 is none.
    mutating func count(_ name: String, limit: Int, now: Timestamp) -> Window {
        let current = now.microseconds / 1_000_000
        if current != second {
            second = current
            counts = [:]
        }
        counts[name, default: 0] += 1
        let shown = limit == 0 ? 10_000 : limit
        return Window(limit: shown, remaining: shown - counts[name, default: 0])
    }
}
