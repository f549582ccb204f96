/// One thing about a restore point that whoever starts it elsewhere should know.
package struct PreflightFinding: Sendable, Equatable {
    package enum Severity: String, Sendable, CaseIterable {
        /// It will not start, or not be reached.
        case problem
        /// It may not start, or not be reached.
        case warning
        case info
    }

    /// What it is about. Scripts and documents know these words.
    package enum Subject: String, Sendable {
        case size
        case partitions
        case bootLoader = "boot-loader"
        case encryption
        case fileSystem = "file-system"
        case drivers
        case fstab
        case commandLine = "command-line"
        case network
        case access
        case swap
        case notLookedAt = "not-looked-at"
    }

    package let severity: Severity
    package let subject: Subject
    /// One sentence, without a full stop.
    package let what: String
    /// What to do, as exactly as it can be told; nil when nothing needs to be done.
    package let remedy: String?

    package init(_ severity: Severity, _ subject: Subject, _ what: String, remedy: String? = nil) {
        self.severity = severity
        self.subject = subject
        self.what = what
        self.remedy = remedy
    }
}

extension PreflightFinding: Comparable {
    /// The gravest first, then by subject and text.
    package static func < (a: PreflightFinding, b: PreflightFinding) -> Bool {
        (a.severity.rank, a.subject.rawValue, a.what) < (b.severity.rank, b.subject.rawValue, b.what)
    }
}

extension PreflightFinding.Severity {
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
