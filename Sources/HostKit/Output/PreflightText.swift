import Engine

/// What a look at disks found, in words.
struct PreflightText: Sendable {
    private let report: PreflightReport
    /// Whether what needs nothing to be done is told too.
    private let isWhole: Bool

    init(_ report: PreflightReport, isWhole: Bool) {
        self.report = report
        self.isWhole = isWhole
    }

    var lines: [String] {
        let findings = report.findings.filter { isWhole || $0.severity != .info }
        let name = [report.system?.rawValue, report.systemName].compactMap { $0 }.joined(separator: ", ")
        var lines = isWhole && !name.isEmpty ? ["system: \(name)"] : []
        for finding in findings {
            lines.append("\(finding.severity.rawValue) (\(finding.subject.rawValue)): \(finding.what)")
            if let remedy = finding.remedy { lines.append("    remedy: \(remedy)") }
        }
        return lines.map { $0.printable(keepsLines: false) }
    }
}

/// One finding as an event of `--json`.
struct PreflightEvent: Encodable, Sendable {
    let event = "finding"
    let severity: String
    let subject: String
    let what: String
    let remedy: String?

    init(_ finding: PreflightFinding) {
        severity = finding.severity.rawValue
        subject = finding.subject.rawValue
        what = finding.what
        remedy = finding.remedy
    }

    private enum CodingKeys: CodingKey {
        case event, severity, subject, what, remedy
    }
}
