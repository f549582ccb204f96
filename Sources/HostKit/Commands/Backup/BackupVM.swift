import ArgumentParser
import Engine

/// `ahvault backup vm VM…`
struct BackupVM: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "vm",
        abstract: "Back up VMs by name.",
        discussion: """
            EXAMPLES
              ahvault backup vm web-01
              ahvault backup vm web-01 db-01 --source lab --repository main
              ahvault backup vm db-01 --consistency application --full
            """)

    @Argument(help: "Names or ids of VMs.")
    var vms: [String]
    @OptionGroup var config: ConfigOption
    @OptionGroup var source: SourceOption
    @OptionGroup var repository: RepositoryOption
    @Flag(help: "Read every disk in full, as if there were no earlier restore point.")
    var full = false
    @Option(help: "How the VM is frozen: as after a power failure, or with its applications at rest.")
    var consistency = WantedConsistency.crash
    @OptionGroup var output: EventOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        var options = BackupOptions()
        options.consistency = consistency.value
        options.isFull = full
        let names = vms
        let plan = BackupPlan(
            source: source.source, repository: repository.repository, job: nil, options: options
        ) {
            inventory throws(EngineError) in
            var machines: [VirtualMachine] = []
            for name in names {
                let machine = try inventory.machine(name)
                if !machines.contains(where: { $0.id == machine.id }) { machines.append(machine) }
            }
            return machines
        }
        return try await BackupSession(configuration, in: surroundings, events: output.json).run(plan)
    }
}

/// `--consistency`.
enum WantedConsistency: String, ExpressibleByArgument, CaseIterable, Sendable {
    case crash, application

    var value: Consistency {
        switch self {
        case .crash: .crash
        case .application: .application
        }
    }
}
