import ArgumentParser

/// The noun `restore`.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring VMs and disks back to a cluster.",
        subcommands: [RestoreVM.self, RestoreDiskCommand.self])
}
