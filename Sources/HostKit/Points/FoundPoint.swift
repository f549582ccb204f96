import Engine

/// A restore point and the repository that has it.
struct FoundPoint: Sendable {
    /// Name of the repository in the configuration.
    let repository: String
    let overview: PointOverview
    /// Whether it stays whatever the rules of retention say.
    let isPinned: Bool

    var id: RestorePointID { overview.id }
    var vm: Manifest.VM { overview.vm }

    /// Where its manifest lies in the repository.
    var stored: StoredPoint { overview.stored }
}
