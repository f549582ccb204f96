/// Why a restore point stays.
package enum RetentionReason: Sendable, Hashable {
    /// It is the newest of its VM: the next backup builds on it.
    case newest
    case pinned
    /// The so-and-so-many newest, counted from 1.
    case last(Int)
    /// The newest of an hour, day…, counted from the newest one, which is 1.
    case period(RetentionPeriod, Int)
    /// Young enough.
    case within
    /// One of those without which there would be too few.
    case minimum
    /// Its time is yet to come, so some clock was or is wrong: it stays, and counts for nothing.
    case future
    /// No rule says anything about it.
    case noRule
}

extension RetentionReason: CustomStringConvertible {
    /// `last 1`, `daily 3`, `pinned`: the word of the configuration, with its count.
    package var description: String {
        switch self {
        case .newest: "newest"
        case .pinned: "pinned"
        case .last(let number): "last \(number)"
        case .period(let period, let number): "\(period.rawValue) \(number)"
        case .within: "within"
        case .minimum: "minimum"
        case .future: "in the future"
        case .noRule: "no rule"
        }
    }
}
