import ArgumentParser
import Engine

/// The root of the command line: the nouns.
struct AHVaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ahvault",
        abstract: "Agentless backup of Nutanix AHV virtual machines.",
        discussion: """
            A source is where VMs live, a repository is where their restore points are kept. Both are written in the \
            configuration, ./ahvault.yaml or /etc/ahvault/ahvault.yaml unless --config says otherwise.

            EXAMPLES
              ahvault inventory vms
              ahvault repository init --repository main
              ahvault backup vm web-01 --repository main
              ahvault points list --vm web-01
              ahvault restore vm latest --vm web-01 --name web-01-restored

            EXIT CODES
              0 done · 1 failed · 2 wrong usage or configuration · 3 finished, with some VMs or disks failed or \
            degraded · 130 interrupted
            """,
        version: Version.text,
        subcommands: [
            InventoryCommand.self, BackupCommand.self, PointsCommand.self, RestoreCommand.self, ExportCommand.self,
            ImportCommand.self, CopyCommand.self, RepositoryCommand.self, ImageCommand.self,
            PluginsCommand.self,
        ])

    @OptionGroup var config: ConfigOption
}
