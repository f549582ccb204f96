import Engine

/// The report of a copy in words and tables.
struct CopyReportText: Sendable {
    private let outcome: CopySession.Outcome
    private var report: CopyReport { outcome.report }

    init(_ outcome: CopySession.Outcome) { self.outcome = outcome }

    var text: String { (points + failures + [summary] + verification).joined(separator: "\n\n") }

    private var points: [String] {
        guard !report.copied.isEmpty else { return [] }
        var table = Table([
            .left("RESTORE POINT"), .left("VM"), .right(report.isDryRun ? "TO MOVE" : "MOVED"),
        ])
        for point in report.copied {
            let bytes = (try? point.result.get())?.bytes ?? 0
            table.add([point.id.text, point.vm?.name ?? "?", (report.isDryRun ? about : "") + "\(ByteCount(bytes))"])
        }
        return [table.text]
    }

    private var about: String { report.isUpperBound ? "at most " : "about " }

    private var failures: [String] {
        report.failed.map { point in
            var reason = ""
            if case .failure(let error) = point.result { reason = error.description }
            let title = "\(point.vm?.name ?? "an unknown VM"): FAILED: \(reason)".printable(keepsLines: false)
            return ([title] + point.damages.map { "  " + Self.words($0) }).joined(separator: "\n")
        }
    }

    private static func words(_ damage: CopyDamage) -> String {
        let disk = damage.disk.map { "disk \($0)" }
        let range = damage.start.flatMap { start in damage.end.map { "bytes \(start) to \($0)" } }
        let place = [damage.object ?? "in no pack", disk, range].compactMap(\.self).joined(separator: ", ")
        return "\(place): \(damage.reason)".printable(keepsLines: false)
    }

    private var summary: String {
        let ways = "from \(outcome.from) to \(outcome.to)"
        let count = report.copied.count.of("restore point")
        var parts = ["\(count) \(report.isDryRun ? "would be copied" : "copied") \(ways)"]
        if report.present > 0 { parts.append("\(report.present) there already") }
        if report.older > 0 { parts.append("\(report.older) older left out") }
        if !report.failed.isEmpty { parts.append("\(report.failed.count) failed") }
        let amount = report.amount
        guard !report.isDryRun else {
            return parts.joined(separator: ", ") + ": \(about)\(ByteCount(amount.bytes)) to move"
        }
        let totals = report.totals
        let objects = totals.dataBytes + totals.metadataBytes + totals.indexBytes
        return parts.joined(separator: ", ") + " in \(Duration.seconds(report.seconds).words): "
            + "\(ByteCount(amount.read)) read, \(ByteCount(amount.movedBytes)) moved as stored, "
            + "\(ByteCount(amount.encodedBytes)) encoded anew (\(ByteCount(objects)) written in "
            + "\(totals.packs.of("pack")) with maps and index)"
    }

    private var verification: [String] { outcome.verification.map { [CheckText($0).text] } ?? [] }
}
