/// How many requests Azure Resource Manager takes before it asks to wait.
struct Budget: Sendable {
    private let limits: [String: Int]
    private let seconds: Double
    private var counts: [String: Int] = [:]
    private var begin = Instant(seconds: 0)

    /// - Parameters:
    ///   - limit: the writes, deletes and starts of operations in a window; nil has no end.
    ///   - seconds: the length of a window.
    init(limit: Int?, seconds: Double) {
        limits = ["writes": limit ?? 1200, "reads": 12_000, "deletes": limit ?? 15_000]
        self.seconds = limit == nil ? 0 : seconds
    }

    /// Counts a request.
    ///
    /// - Returns: the field that tells what is left.
    /// - Throws: 429, when nothing is left in this window.
    mutating func take(_ method: String, now: Instant) throws(AzureError) -> (name: String, value: String) {
        if now.seconds >= begin.seconds + seconds {
            counts = [:]
            begin = now
        }
        let kind = method == "GET" || method == "HEAD" ? "reads" : method == "DELETE" ? "deletes" : "writes"
        let limit = limits[kind, default: 0]
        let count = counts[kind, default: 0] + 1
        let field = "x-ms-ratelimit-remaining-subscription-\(kind)"
        guard kind == "reads" || count <= limit else {
            let wait = max(1, Int((begin.seconds + seconds - now.seconds).rounded(.up)))
            throw AzureError(
                429, "TooManyRequests",
                "Number of requests for subscription exceeded the limit of '\(limit)' for time interval. Please try "
                    + "again after '\(wait)' seconds."
            ).sending("Retry-After", "\(wait)").sending(field, "0")
        }
        counts[kind] = count
        return (field, "\(limit - min(count, limit))")
    }
}
