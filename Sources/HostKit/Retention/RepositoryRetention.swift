import Engine

/// What the rules say about all restore points of a repository. START HERE to see who decides what goes.
struct RepositoryRetention: Sendable {
    /// By the VMs' names.
    let machines: [MachineRetention]
    /// Restore points whose manifests cannot be read: no rule touches them.
    let unreadable: [UnreadablePoint]

    /// - Parameter survey: of the whole repository.
    init(
        _ survey: RestorePoints.Survey, of open: OpenRepository, in configuration: HostConfiguration, now: Timestamp
    ) throws(EngineError) {
        let repository = try configuration.repositories.entry(named: open.name, at: "--repository")
        machines = Dictionary(grouping: survey.points) { $0.vm.id }.values
            .compactMap { MachineRetention($0, in: configuration, repository, now: now) }
            .sorted { ($0.vm.name, $0.vm.id) < ($1.vm.name, $1.vm.id) }
        unreadable = survey.unreadable
    }

    /// Restore points that go, oldest first.
    var deleted: [FoundPoint] { machines.flatMap(\.deleted).map(\.point).sorted { $0.id < $1.id } }

    var keptCount: Int { machines.reduce(0) { $0 + $1.kept.count } }

    /// What the administrator should know whatever is done.
    var warnings: [String] {
        unreadable.map { "restore point \($0.point.id) stays whatever the rules say: \($0.error)" }
            + machines.flatMap { machine in machine.complaints.map { "\(machine.vm.name): \($0)" } }
    }
}
