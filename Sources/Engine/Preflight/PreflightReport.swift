/// What was seen on the disks of a restore point.
package struct PreflightReport: Sendable, Equatable {
    package enum System: String, Sendable {
        case linux = "Linux"
        case windows = "Windows"
    }

    /// The gravest first.
    package let findings: [PreflightFinding]
    /// What the first disk is made for; nil when it does not tell.
    package let generation: HyperVGeneration?
    /// As found, or as the kinds of volumes speak for; nil when neither tells.
    package let system: System?
    /// As it calls itself, such as `Debian GNU/Linux 12 (bookworm)`.
    package let systemName: String?

    package var hasProblems: Bool { findings.contains { $0.severity == .problem } }
}
