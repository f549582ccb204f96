/// Which restore points of one VM stay, each with its reasons, and which go. Only a plan: nothing is deleted by it.
package struct RetentionPlan: Sendable {
    package struct Kept: Sendable {
        package let point: RetentionPoint
        /// At least one.
        package let reasons: [RetentionReason]
    }

    /// Restore points that come under one rule: those of one job.
    package struct Group: Sendable {
        /// Nil: everything stays.
        package let rule: RetentionRule?
        package let points: [RetentionPoint]

        package init(rule: RetentionRule?, points: [RetentionPoint]) {
            self.rule = rule
            self.points = points
        }
    }

    /// Oldest first.
    package let kept: [Kept]
    /// Oldest first.
    package let deleted: [RetentionPoint]

    /// Decides over all restore points of one VM.
    ///
    /// The newest restore point of the VM stays whatever the rules say, by date and by the order they were made. Those after `now` stay and count for nothing:
    /// made while a clock was ahead, they would otherwise stand in the place of every later one.
    package init(_ groups: [Group], now: Timestamp, calendar: RetentionCalendar) {
        var kept: [Kept] = []
        var deleted: [RetentionPoint] = []
        let all = groups.flatMap(\.points)
        let newest = [
            all.filter { $0.time <= now }.max(),
            all.max { ($0.sequence, $0.time, $0.id) < ($1.sequence, $1.time, $1.id) },
        ]
        for group in groups {
            let past = group.points.filter { $0.time <= now }
            let reasons = group.rule?.kept(of: past, in: calendar)
            for point in past {
                var found = reasons.map { $0[point.id] ?? [] } ?? [.noRule] + (point.isPinned ? [.pinned] : [])
                if newest.contains(point) { found.insert(.newest, at: 0) }
                if found.isEmpty { deleted.append(point) } else { kept.append(Kept(point: point, reasons: found)) }
            }
            for point in group.points where point.time > now {
                kept.append(Kept(point: point, reasons: [.future] + (point.isPinned ? [.pinned] : [])))
            }
        }
        self.kept = kept.sorted { $0.point < $1.point }
        self.deleted = deleted.sorted()
    }
}
