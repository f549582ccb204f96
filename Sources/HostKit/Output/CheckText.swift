import Engine

/// The report of a check in words.
struct CheckText: Sendable {
    private let report: CheckReport

    init(_ report: CheckReport) { self.report = report }

    var text: String {
        (report.damages.map { DamageText($0).text } + settled + report.notes + recency + [summary])
            .joined(separator: "\n")
    }

    private var settled: [String] {
        guard !report.settled.isEmpty else { return [] }
        return [
            "\(report.settled.count.of("damaged pack")) made good by a repair and later backups; "
                + "the next prune takes \(report.settled.count == 1 ? "it" : "them") away"
        ]
    }

    private var recency: [String] {
        guard report.depth == "deep", let month = report.recency.first(where: { $0.days == 30 }) else { return [] }
        let percent = Int((month.share * 100).rounded(.down))
        return ["\(percent) % of the packs' bytes were decoded and found good within the last \(month.days) days"]
    }

    private var summary: String {
        let scope =
            "\(report.restorePoints.of("restore point")), \(read), in \(Duration.seconds(report.seconds).words)"
        guard !report.isClean else { return "no damage: \(scope)" }
        let points = report.damagedPoints.count
        return "\(report.damages.count.of("damaged object")), \(points.of("restore point")) hit: \(scope)\n"
            + (points == 0
                ? "No restore point is known to have lost anything. Run `ahvault repository repair`."
                : "Run `ahvault repository repair`, then back up the VMs named above: "
                    + "the next backup stores anew what the source still has.")
    }

    private var read: String {
        guard report.packsRead > 0 else { return "no pack was read whole (see --scrub and --read-data)" }
        return "\(report.packsRead) of \(report.packs) packs \(report.depth == "deep" ? "decoded" : "read"), "
            + "\(ByteCount(report.bytesRead)) at " + ByteCount.rate(report.bytesRead, in: report.seconds)
    }
}
