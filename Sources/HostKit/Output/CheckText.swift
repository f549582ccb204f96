import Engine

/// The report of a check in words.
struct CheckText: Sendable {
    private let report: CheckReport

    init(_ report: CheckReport) { self.report = report }

    var text: String { (report.damages.map(damage) + [summary]).joined(separator: "\n") }

    private var summary: String {
        let read =
            report.packsRead == 0
            ? "no pack was read whole (see --read-data)"
            : "\(report.packsRead) of \(report.packs) packs read whole, \(ByteCount(report.bytesRead)) at "
                + ByteCount.rate(report.bytesRead, in: report.seconds)
        let scope = "\(report.restorePoints.of("restore point")), \(read), in \(Duration.seconds(report.seconds).words)"
        guard !report.isClean else { return "no damage: \(scope)" }
        let points = report.damagedPoints.count
        return "\(report.damages.count.of("damaged object")), \(points.of("restore point")) hit: \(scope)\n"
            + (points == 0
                ? "Nothing that can be restored is lost."
                : "Back up the VMs named above again; the next backup stores what is missing anew.")
    }

    private func damage(_ damage: CheckReport.Damage) -> String {
        let title = "damaged: \(damage.object): \(damage.reason)".printable(keepsLines: false)
        let shown = damage.hits.prefix(20).map { "\n  " + hit($0).printable(keepsLines: false) }.joined()
        let more = damage.hits.count > 20 ? "\n  and \(damage.hits.count - 20) more places (see --json)" : ""
        return title + shown + more
    }

    private func hit(_ hit: CheckReport.Hit) -> String {
        guard let disk = hit.disk else { return "hits restore point \(hit.point) of \(hit.vm), all of it" }
        guard let start = hit.start, let end = hit.end else {
            return "hits restore point \(hit.point) of \(hit.vm), disk \(disk), all of it"
        }
        return "hits restore point \(hit.point) of \(hit.vm), disk \(disk), bytes \(start) to \(end)"
    }
}
