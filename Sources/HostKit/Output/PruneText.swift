import Engine

/// What a prune did, or would do, in words and tables.
struct PruneText: Sendable {
    private let outcome: PruneSession.Outcome
    private var report: PruneReport { outcome.report }

    init(_ outcome: PruneSession.Outcome) { self.outcome = outcome }

    var text: String { (machines + [points, space]).joined(separator: "\n\n") }

    /// VMs of which something goes: with all their restore points in a dry run, else with those that went.
    private var machines: [String] {
        outcome.retention.machines.compactMap { machine in
            let gone = machine.deleted.filter { outcome.deleted.contains($0.point.id) }
            guard !gone.isEmpty else { return nil }
            var lines = gone.map { deleted in
                (deleted.point, outcome.isDryRun ? "goes" : "deleted", "not kept by \(deleted.rule.description)")
            }
            if outcome.isDryRun {
                lines += machine.kept.map { kept in
                    (kept.point, "stays", kept.reasons.map(\.description).joined(separator: ", "))
                }
            }
            var table = Table([.left("RESTORE POINT"), .left("CREATED (UTC)"), .left(""), .left("WHY")])
            for (point, verdict, reason) in lines.sorted(by: { $0.0.id < $1.0.id }) {
                table.add([point.id.text, point.overview.created.minutes, verdict, reason])
            }
            return "\(machine.vm.name):".printable(keepsLines: false) + "\n" + table.text
        }
    }

    private var points: String {
        let gone = outcome.deleted.count.of("restore point")
        let machines = outcome.retention.machines.count.of("VM")
        let verb = outcome.isDryRun ? "would be deleted" : "deleted"
        return "\(gone) \(verb), \(report.keptPoints) stay, of \(machines) in repository \(outcome.repository) "
            + "(days begin in \(outcome.timeZone))"
    }

    private var space: String {
        var rows: [(String, String)] = []
        func add(_ title: String, _ amount: PruneReport.Amount, _ remark: String) {
            if amount.count > 0 { rows.append((title, "\(words(amount)) \(remark)")) }
        }
        if report.manifestBytes > 0 { rows.append(("Manifests", "\(ByteCount(report.manifestBytes))")) }
        add("Garbage", report.condemned, "that nothing needs")
        add("Repacked", report.repacked, "that were mostly garbage, into \(words(report.rewritten))")
        add(outcome.isDryRun ? "To be deleted" : "Deleted", report.deleted, "")
        add("Waiting", report.waiting, "for the grace to end, or for work that goes on beside")
        add("Needed again", report.resurrected, "")
        rows.append((outcome.isDryRun ? "Would be freed" : "Freed", size(report.freedBytes)))
        if report.reclaimableBytes != report.freedBytes {
            rows.append(("Later", "\(size(report.reclaimableBytes)) in all, when nothing waits any more"))
        }
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { title, value in
            let line = title + String(repeating: " ", count: width - title.count + 2) + value
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    private func words(_ amount: PruneReport.Amount) -> String {
        "\(amount.count.of("pack")) (\(ByteCount(amount.bytes)))"
    }

    /// In exact bytes too; below zero when repacking wrote more than this run could delete.
    private func size(_ bytes: Int) -> String {
        (bytes < 0 ? "−" : "") + "\(ByteCount(UInt64(bytes.magnitude))) (\(bytes) bytes)"
    }
}
