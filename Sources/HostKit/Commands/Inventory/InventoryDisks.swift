import ArgumentParser
import Engine

/// `ahvault inventory disks VM`
struct InventoryDisks: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "disks",
        abstract: "List the disks of a VM, and which of them a backup leaves out.",
        discussion: """
            EXAMPLES
              ahvault inventory disks web-01
              ahvault inventory disks 7f3c… --source lab --json
            """)

    @Argument(help: "The VM's name or id.")
    var vm: String
    @OptionGroup var config: ConfigOption
    @OptionGroup var source: SourceOption
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let inventory = try await SourceAccess(configuration, in: surroundings).inventory(of: source.source)
        let machine = try inventory.machine(vm)
        if output.json {
            surroundings.console.say(try JSONOutput.document(machine.disks))
            return .done
        }
        var table = Table([.left("ADDRESS"), .right("SIZE"), .left("BACKUP"), .left("ID")])
        for disk in machine.disks.sorted(by: { $0.address < $1.address }) {
            let backup = disk.exclusion.map { "no: \($0)" } ?? "yes"
            table.add([disk.address.description, "\(ByteCount(disk.size))", backup, disk.id])
        }
        surroundings.console.say(table.text)
        return .done
    }
}
