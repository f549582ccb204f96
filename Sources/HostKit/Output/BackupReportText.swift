import Engine

/// The report of a backup in words and tables.
struct BackupReportText: Sendable {
    private let report: BackupReport
    /// Restore points that the job's rule gave up.
    private let deleted: [FoundPoint]

    init(_ report: BackupReport, deleted: [FoundPoint] = []) {
        self.report = report
        self.deleted = deleted
    }

    var text: String { (report.machines.map(machine) + gone + [summary]).joined(separator: "\n\n") }

    private var gone: [String] {
        guard !deleted.isEmpty else { return [] }
        let lines = deleted.map { "  \($0.id) of \($0.vm.name)".printable(keepsLines: false) }
        return [(["deleted, as the job's `keep` has it:"] + lines).joined(separator: "\n")]
    }

    private func machine(_ machine: BackupReport.Machine) -> String {
        let name = machine.vm.name.printable(keepsLines: false)
        switch machine.result {
        case .failure(let error):
            return "\(name): FAILED: \(error.description.printable(keepsLines: false))"
        case .success(let manifest):
            let title =
                "\(name): restore point \(manifest.id), \(manifest.kind), consistency \(manifest.consistencyText)"
            let remarks = (manifest.skipped.map { "left out: \($0)" } + manifest.warnings.map { "warning: \($0)" })
                .map { $0.printable(keepsLines: false) }
            return ([title, DiskTable.text(manifest.disks)] + remarks).joined(separator: "\n")
        }
    }

    private var summary: String {
        let sum = report.manifests.map(\.statistics).reduce(Manifest.Statistics(), +)
        let failed = report.failures.count
        let outcome = report.manifests.count.of("restore point") + (failed == 0 ? "" : ", \(failed.of("VM")) failed")
        let totals = report.totals
        let objects = totals.dataBytes + totals.metadataBytes + totals.indexBytes
        return """
            \(outcome) in \(Duration.seconds(report.seconds).words): \
            \(ByteCount(sum.size)) of disk, \(ByteCount(sum.changed)) to look at, \(ByteCount(sum.read)) read, \
            \(ByteCount(sum.new)) new, \(ByteCount(sum.stored)) stored \
            (\(ByteCount(objects)) written in \(totals.packs.of("pack")) with maps and index)\(stages)
            """
    }

    /// Lanes work side by side, so the stages' seconds add up to more than the clock's.
    private var stages: String {
        let times = report.times
        guard times.sourceBytes > 0 || times.targetBytes > 0 else { return "" }
        let parts = [
            ("source", times.source, times.sourceBytes), ("hash", times.hash, times.hashBytes),
            ("codec", times.codec, times.codecBytes), ("target", times.target, times.targetBytes),
        ]
        let text = parts.map { name, seconds, bytes in
            "\(name) \(Duration.seconds(seconds).words) (\(ByteCount.rate(bytes, in: seconds)))"
        }
        return "\ntime over all lanes: " + text.joined(separator: ", ") + "; most went to the \(times.slowest)"
    }
}
