/// Bytes that may be sent now: they come at a rate, go with what is sent, and do not pile up for longer than a second.
///
/// Objects go whole, so one that is larger than what is there makes a debt, which time pays before the next one goes.
struct TokenBucket: Sendable {
    /// Bytes; below zero for a debt.
    private var credit: Double = 0
    private var last: Duration

    init(at time: Duration) { last = time }

    /// How long to wait before anything may be sent; nil when it may go at once.
    /// - Parameter rate: bytes a second since the last call; nil for no limit, which also forgives what is owed.
    mutating func pause(at time: Duration, rate: Int?) -> Duration? {
        let passed = max(0, (time - last).inSeconds)
        last = time
        guard let rate else {
            credit = 0
            return nil
        }
        credit = min(credit + passed * Double(rate), Double(rate))
        // A millisecond more than is owed: a pause that were rounded to nothing would end no debt.
        return credit >= 0 ? nil : .seconds(-credit / Double(rate)) + .milliseconds(1)
    }

    mutating func take(_ bytes: Int) { credit -= Double(bytes) }
}
