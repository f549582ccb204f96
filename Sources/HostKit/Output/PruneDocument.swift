import Engine

/// What a prune did, or would do, as `repository prune --json` shows it.
struct PruneDocument: Encodable, Sendable {
    struct Machine: Encodable, Sendable {
        let vm: Manifest.VM
        /// Oldest first.
        let points: [Point]
    }

    struct Point: Encodable, Sendable {
        let id: RestorePointID
        let created: Timestamp
        let isKept: Bool
        /// Why it stays: `last 1`, `daily 3`, `pinned`…; empty when it goes.
        let reasons: [String]
        /// The rule that gives it up; absent when it stays.
        let rule: String?
    }

    struct Space: Encodable, Sendable {
        /// Bytes that the repository is smaller by, or would be.
        let freedBytes: Int
        /// Bytes that it will be smaller by when nothing waits any more.
        let reclaimableBytes: Int
    }

    let repository: String
    let isDryRun: Bool
    let timeZone: String
    let vms: [Machine]
    /// Restore points whose manifests cannot be read: they stay.
    let unreadable: [RestorePointID]
    let space: Space
    let report: PruneReport

    init(_ outcome: PruneSession.Outcome) {
        repository = outcome.repository
        isDryRun = outcome.isDryRun
        timeZone = outcome.timeZone
        vms = outcome.retention.machines.map { Machine($0, in: outcome) }
        unreadable = outcome.retention.unreadable.map(\.point.id)
        space = Space(
            freedBytes: outcome.report.freedBytes, reclaimableBytes: outcome.report.reclaimableBytes)
        report = outcome.report
    }
}

extension PruneDocument.Machine {
    init(_ machine: MachineRetention, in outcome: PruneSession.Outcome) {
        vm = machine.vm
        let kept = machine.kept.map { kept in
            PruneDocument.Point(
                id: kept.point.id, created: kept.point.overview.created, isKept: true,
                reasons: kept.reasons.map(\.description), rule: nil)
        }
        let given = machine.deleted.map { given in
            let id = given.point.id
            let isKept = !outcome.deleted.contains(id)
            let reason = outcome.damaged.contains(id) ? "manifest damaged" : RetentionReason.pinned.description
            return PruneDocument.Point(
                id: id, created: given.point.overview.created, isKept: isKept, reasons: isKept ? [reason] : [],
                rule: isKept ? nil : given.rule.description)
        }
        points = (kept + given).sorted { $0.id < $1.id }
    }
}
