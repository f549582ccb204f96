import ArgumentParser

/// The noun `repository`.
struct RepositoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repository",
        abstract: "Make, check and measure repositories.",
        subcommands: [
            RepositoryInit.self, RepositoryCheck.self, RepositoryStats.self, RepositoryRebuildCatalog.self,
        ])
}
