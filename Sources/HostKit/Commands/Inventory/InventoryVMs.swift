import ArgumentParser
import Engine

/// `ahvault inventory vms`
struct InventoryVMs: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "vms",
        abstract: "List a source's VMs, and the newest restore point of each.",
        discussion: """
            EXAMPLES
              ahvault inventory vms
              ahvault inventory vms --cluster prod-1
              ahvault inventory vms --source lab --json
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var source: SourceOption
    @Option(help: ArgumentHelp("Only VMs of this cluster, by name or id.", valueName: "cluster"))
    var cluster: String?
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let inventory = try await SourceAccess(configuration, in: surroundings).inventory(of: source.source)
        let newest = try await Protection(configuration, in: surroundings).newestPoints()
        let rows = inventory.machines.filter { cluster == nil || [$0.clusterName, $0.clusterID].contains(cluster) }
            .sorted { ($0.clusterName, $0.name, $0.id) < ($1.clusterName, $1.name, $1.id) }
            .map { ProtectedVM(machine: $0, newest: newest[$0.id]) }
        if output.json {
            surroundings.console.say(try JSONOutput.document(rows))
        } else {
            surroundings.console.say(Self.table(rows).text)
        }
        return .done
    }

    static func table(_ rows: [ProtectedVM]) -> Table {
        var table = Table([
            .left("NAME"), .left("CLUSTER"), .left("POWER"), .right("DISKS"), .right("SIZE"),
            .left("NEWEST RESTORE POINT"), .left("ID"),
        ])
        for row in rows {
            let machine = row.machine
            let disks = machine.disks.filter { $0.exclusion == nil }
            let size = disks.reduce(UInt64(0)) { $0.addingReportingOverflow($1.size).partialValue }
            table.add([
                machine.name, machine.clusterName, machine.isPoweredOn ? "on" : "off", "\(disks.count)",
                "\(ByteCount(size))", row.newest.map { "\($0.id) (\($0.repository))" } ?? "–", machine.id,
            ])
        }
        return table
    }
}

/// A VM and the newest restore point of it in any repository.
struct ProtectedVM: Encodable, Sendable {
    let machine: VirtualMachine
    let newest: NewestPoint?

    struct NewestPoint: Encodable, Sendable {
        let id: RestorePointID
        let created: Timestamp
        /// Name of the repository in the configuration.
        let repository: String
    }
}
