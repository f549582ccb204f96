@testable import Engine

/// Restore points of one VM at chosen times, and rules over them.
enum RetentionScene {
    /// Central European time: an hour ahead of UTC, two from the last Sunday of March to that of October, of 2026.
    static let berlin = RetentionCalendar { time in
        let summer = Timestamp("2026-03-29T01:00:00Z")!..<Timestamp("2026-10-25T01:00:00Z")!
        return summer.contains(time) ? 7200 : 3600
    }

    static let farAway = Timestamp("2199-01-01T00:00:00Z")!

    /// A restore point at a time of UTC; `number` tells apart those of one moment.
    static func point(_ time: String, _ number: Int = 0, isPinned: Bool = false) throws -> RetentionPoint {
        guard let moment = Timestamp(time) else { throw EngineError(.bug, "`\(time)` is no time") }
        return try point(at: moment, number, isPinned: isPinned)
    }

    static func point(at moment: Timestamp, _ number: Int, isPinned: Bool = false) throws -> RetentionPoint {
        let digits = String(number)
        let suffix = String(repeating: "0", count: 8 - digits.count) + digits
        return RetentionPoint(
            id: try RestorePointID("\(moment.compact)-\(suffix)"), time: moment, isPinned: isPinned)
    }

    static func rule(
        last: Int = 0, hourly: Int = 0, daily: Int = 0, weekly: Int = 0, monthly: Int = 0, yearly: Int = 0,
        within: Int64? = nil, minimum: Int = 1
    ) -> RetentionRule {
        var rule = RetentionRule()
        rule.last = last
        rule.periods = [.hourly: hourly, .daily: daily, .weekly: weekly, .monthly: monthly, .yearly: yearly]
        rule.within = within
        rule.minimum = minimum
        return rule
    }

    static func plan(
        _ rule: RetentionRule, _ points: [RetentionPoint], now: Timestamp = farAway,
        in calendar: RetentionCalendar = .utc
    ) -> RetentionPlan {
        RetentionPlan([RetentionPlan.Group(rule: rule, points: points)], now: now, calendar: calendar)
    }
}

extension RetentionPlan {
    /// Times of those that stay, to the minute, with their reasons.
    var words: [String] {
        kept.map { kept in
            "\(kept.point.time.description.prefix(16)) \(kept.reasons.map(\.description).joined(separator: ", "))"
        }
    }

    var keptTimes: [String] { kept.map { String($0.point.time.description.prefix(16)) } }
}
