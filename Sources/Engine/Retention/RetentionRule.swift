/// How many restore points of a VM are to stay. START HERE for retention: `kept(of:)` is the whole rule.
///
/// Each part of a rule counts for itself, and a restore point stays when any part wants it: `daily = 14` is the newest
/// restore point of each of the last 14 days that have one, whatever the other parts keep. Days, weeks, months and
/// years without a restore point do not count.
package struct RetentionRule: Sendable, Equatable {
    /// So many newest restore points.
    package var last = 0
    /// The newest restore point of each of so many hours, days…; a period that is absent keeps nothing.
    package var periods: [RetentionPeriod: Int] = [:]
    /// Seconds: everything that is no older than this, counted back from the newest restore point. Not from now: a
    /// proxy that stood still for a month deletes nothing when it wakes up.
    package var within: Int64?
    /// Never fewer restore points than this, whatever the rest says.
    package var minimum = 1

    package init() {}

    /// Whether it has a part that keeps restore points at all.
    package var isEmpty: Bool { last <= 0 && within == nil && periods.values.allSatisfy { $0 <= 0 } }

    /// Why each restore point stays; one that is not in the answer goes.
    /// - Parameter points: of one VM, in any order. All of them count: the caller has taken out those of the future.
    func kept(of points: [RetentionPoint], in calendar: RetentionCalendar) -> [RestorePointID: [RetentionReason]] {
        let newestFirst = points.sorted { $1 < $0 }
        guard let newest = newestFirst.first else { return [:] }
        var reasons: [RestorePointID: [RetentionReason]] = [:]
        for (position, point) in newestFirst.prefix(max(0, last)).enumerated() {
            reasons[point.id, default: []].append(.last(position + 1))
        }
        for period in RetentionPeriod.allCases {
            for (position, point) in newestPoints(of: newestFirst, period, in: calendar).enumerated() {
                reasons[point.id, default: []].append(.period(period, position + 1))
            }
        }
        if let within {
            let (span, isEndless) = within.multipliedReportingOverflow(by: 1000)
            let (start, isBeforeTime) = newest.time.milliseconds.subtractingReportingOverflow(span)
            for point in newestFirst where isEndless || isBeforeTime || point.time.milliseconds >= start {
                reasons[point.id, default: []].append(.within)
            }
        }
        for point in newestFirst where point.isPinned { reasons[point.id, default: []].append(.pinned) }
        for point in newestFirst where reasons.count < minimum && reasons[point.id] == nil {
            reasons[point.id] = [.minimum]
        }
        return reasons
    }

    /// The newest restore point of each of the newest periods, newest first.
    private func newestPoints(
        of newestFirst: [RetentionPoint], _ period: RetentionPeriod, in calendar: RetentionCalendar
    ) -> [RetentionPoint] {
        let count = periods[period] ?? 0
        guard count > 0 else { return [] }
        var seen: Set<RetentionCalendar.Bucket> = []
        var chosen: [RetentionPoint] = []
        for point in newestFirst where seen.insert(calendar.bucket(of: point.time, period)).inserted {
            chosen.append(point)
            if chosen.count == count { break }
        }
        return chosen
    }
}

/// A length of calendar time of which the newest restore point may stay.
package enum RetentionPeriod: String, Sendable, CaseIterable, Codable {
    case hourly, daily, weekly, monthly, yearly
}

/// A restore point as a rule sees it.
package struct RetentionPoint: Sendable, Hashable, Comparable {
    package let id: RestorePointID
    package let time: Timestamp
    /// Counts those of the VM in the order they were made, whatever clocks said.
    package let sequence: Int
    package let isPinned: Bool

    package init(id: RestorePointID, time: Timestamp, sequence: Int = 0, isPinned: Bool = false) {
        self.id = id
        self.time = time
        self.sequence = sequence
        self.isPinned = isPinned
    }

    /// Older ones first; those of one moment by their ids, so that every proxy decides alike.
    package static func < (a: RetentionPoint, b: RetentionPoint) -> Bool { (a.time, a.id) < (b.time, b.id) }
}
