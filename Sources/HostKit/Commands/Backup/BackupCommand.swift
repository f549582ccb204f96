import ArgumentParser

/// The noun `backup`.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Back VMs up: by a job of the configuration, or by name.",
        subcommands: [BackupJob.self, BackupVM.self])
}
