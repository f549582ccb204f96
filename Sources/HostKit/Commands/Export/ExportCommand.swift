import ArgumentParser

/// The noun `export`.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Bring disks and VMs of a restore point out, for any hypervisor.",
        subcommands: [ExportDisk.self, ExportOVA.self, ExportAzure.self])
}
