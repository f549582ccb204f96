import Engine

/// The report of a repair in words.
struct RepairText: Sendable {
    private let report: RepairReport

    init(_ report: RepairReport) { self.report = report }

    var text: String {
        (report.packs.map(pack) + others + report.remaining.map { "still " + DamageText($0).text } + report.notes
            + [summary]).joined(separator: "\n")
    }

    private func pack(_ pack: RepairReport.Pack) -> String {
        let parts = [
            pack.byParity > 0 ? "\(pack.byParity) repaired by parity" : nil,
            pack.salvaged > pack.byParity ? "\(pack.salvaged - pack.byParity) copied into a new pack" : nil,
            pack.elsewhere > 0 ? "\(pack.elsewhere) good in another pack" : nil,
            pack.lost > 0 ? "\(pack.lost) lost and marked for the next backup" : nil,
        ].compactMap { $0 }
        let what = parts.isEmpty ? "all of it is good elsewhere" : parts.joined(separator: ", ")
        let parity = pack.parity.map { pack.lost > 0 ? "\n  parity: \($0)" : "" } ?? ""
        return "\(pack.object): \(pack.reason)\n  of \(pack.blobs.of("blob")): \(what)\(parity)"
            .printable(keepsLines: true)
    }

    private var others: [String] {
        let verb = report.isDryRun ? "would be " : ""
        return report.rebuilt.map { "\($0): damaged; \(verb)taken away, as everything in it is made anew" }
            + (report.parityWritten > 0
                ? ["parity \(verb)written for \(report.parityWritten.of("pack"))"] : [])
    }

    private var summary: String {
        let scope =
            "\(report.packsRead.of("pack")), \(ByteCount(report.bytesRead)), "
            + "in \(Duration.seconds(report.seconds).words)"
        let title = report.isDryRun ? "dry run, nothing was changed: " : ""
        guard !report.isWhole else { return "\(title)nothing is lost: \(scope)" }
        let points = report.damagedPoints.count
        return
            "\(title)\(report.remaining.count.of("object")) not repaired, \(points.of("restore point")) hit: \(scope)\n"
            + "Back up the VMs named above: the next backup stores anew what the source still has."
    }
}
