import Engine

/// The report of a copy as the last event of `--json`.
struct CopyReportEvent: Encodable, Sendable {
    struct Point: Encodable, Sendable {
        let id: RestorePointID
        /// Absent when its manifest cannot be read.
        let vm: Manifest.VM?
        /// Absent when it failed.
        let amount: CopyAmount?
        let error: String?
        let errorKind: String?
        let damages: [CopyDamage]
    }

    let event = "report"
    let from: String
    let to: String
    let isDryRun: Bool
    /// Whether the amounts of a dry run are the most that may move.
    let isUpperBound: Bool
    let points: [Point]
    /// Restore points that were chosen and are at the destination already.
    let present: Int
    /// Restore points that were left out since the destination has newer ones.
    let older: Int
    /// Of all restore points together.
    let amount: CopyAmount
    /// Bytes of objects written.
    let written: StorageTotals
    let seconds: Double
    /// Absent without `--verify`.
    let verification: CheckReport?

    init(_ outcome: CopySession.Outcome) {
        let report = outcome.report
        from = outcome.from
        to = outcome.to
        isDryRun = report.isDryRun
        isUpperBound = report.isUpperBound
        points = report.points.map(Point.init)
        present = report.present
        older = report.older
        amount = report.amount
        written = report.totals
        seconds = report.seconds
        verification = outcome.verification
    }

    private enum CodingKeys: CodingKey {
        case event, from, to, isDryRun, isUpperBound, points, present, older, amount, written, seconds, verification
    }
}

extension CopyReportEvent.Point {
    init(_ point: CopyReport.Point) {
        id = point.id
        vm = point.vm
        amount = try? point.result.get()
        if case .failure(let failure) = point.result {
            error = failure.description
            errorKind = failure.kind.rawValue
        } else {
            error = nil
            errorKind = nil
        }
        damages = point.damages
    }
}
