import Engine

/// Which restore points of one VM stay and which go, by the rules that are in force for them.
struct MachineRetention: Sendable {
    struct Kept: Sendable {
        let point: FoundPoint
        let reasons: [RetentionReason]
    }

    struct Deleted: Sendable {
        let point: FoundPoint
        /// The rule of which no part keeps it.
        let rule: RuleInForce
    }

    /// As its newest restore point knows it.
    let vm: Manifest.VM
    /// Oldest first.
    let kept: [Kept]
    /// Oldest first.
    let deleted: [Deleted]
    /// Why rules that are there are not followed.
    let complaints: [String]

    /// - Parameter points: all restore points of the VM in the repository, oldest first; at least one.
    init?(
        _ points: [FoundPoint], in configuration: HostConfiguration,
        _ repository: Section<RepositorySettings>.Entry, now: Timestamp
    ) {
        guard let newest = points.last else { return nil }
        vm = newest.vm
        let groups = Dictionary(grouping: points) { RetentionGroup.Key($0.overview) }
            .map { RetentionGroup($0.key, $0.value, in: configuration, repository) }
        let plan = RetentionPlan(
            groups.map { group in
                RetentionPlan.Group(
                    rule: group.rule?.keep.rule,
                    points: group.points.map {
                        RetentionPoint(
                            id: $0.id, time: $0.overview.created, sequence: $0.overview.sequence,
                            isPinned: $0.isPinned)
                    })
            }, now: now, calendar: configuration.localTime.calendar)
        let found = Dictionary(points.map { ($0.id, $0) }) { first, _ in first }
        let rules = Dictionary(groups.map { ($0.key, $0.rule) }) { first, _ in first }
        kept = plan.kept.compactMap { kept in found[kept.point.id].map { Kept(point: $0, reasons: kept.reasons) } }
        deleted = plan.deleted.compactMap { point in
            guard let point = found[point.id], let rule = rules[RetentionGroup.Key(point.overview)] ?? nil else {
                return nil
            }
            return Deleted(point: point, rule: rule)
        }
        complaints = groups.compactMap(\.complaint).sorted()
    }
}
