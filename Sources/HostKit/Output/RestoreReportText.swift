import Engine

/// The report of a restore in words.
struct RestoreReportText: Sendable {
    private let report: RestoreReport
    private let point: FoundPoint
    private let subject: RestoredThing

    init(_ report: RestoreReport, of point: FoundPoint, _ subject: RestoredThing) {
        self.report = report
        self.point = point
        self.subject = subject
    }

    var text: String {
        let outcome = report.outcome
        let notes = outcome.notes.map { "note: \($0)".printable(keepsLines: false) }
        return
            ([
                "\(subject.words(vm: point.vm.name, outcome)), from restore point \(point.id)"
                    .printable(keepsLines: false),
                """
                \(ByteCount(report.size)) of disk, \(ByteCount(report.written)) written in \
                \(Duration.seconds(report.seconds).words), \(ByteCount.rate(report.written, in: report.seconds))
                """,
            ] + notes).joined(separator: "\n")
    }
}

/// What a restore was to make.
enum RestoredThing: Sendable {
    case vm
    case attachedDisk(String)
    case volumeGroup(disk: String)

    fileprivate func words(vm: String, _ outcome: RestoreOutcome) -> String {
        switch self {
        case .vm: "restored \(vm) as \(outcome.name) (\(outcome.id))"
        case .attachedDisk(let disk): "restored disk \(disk) of \(vm), attached to \(outcome.name) (\(outcome.id))"
        case .volumeGroup(let disk): "restored disk \(disk) of \(vm) as volume group \(outcome.name) (\(outcome.id))"
        }
    }
}

/// The report of a restore as the last event of `--json`.
struct RestoreReportEvent: Encodable, Sendable {
    let event = "report"
    let restorePoint: RestorePointID
    let repository: String
    let outcome: RestoreOutcome
    /// Bytes written to the cluster; zeros are not written.
    let written: UInt64
    let size: UInt64
    let seconds: Double

    init(_ report: RestoreReport, of point: FoundPoint) {
        restorePoint = point.id
        repository = point.repository
        outcome = report.outcome
        written = report.written
        size = report.size
        seconds = report.seconds
    }

    private enum CodingKeys: CodingKey {
        case event, restorePoint, repository, outcome, written, size, seconds
    }
}
