import ArgumentParser

/// The noun `repository`.
struct RepositoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repository",
        abstract: "Make, check, prune and measure repositories.",
        subcommands: [
            RepositoryInit.self, RepositoryCheck.self, RepositoryRepair.self, RepositoryPrune.self,
            RepositoryKey.self, RepositoryStats.self, RepositoryRebuildCatalog.self,
        ])
}
