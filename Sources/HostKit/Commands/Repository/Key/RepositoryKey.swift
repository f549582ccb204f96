import ArgumentParser

/// The noun `repository key`.
struct RepositoryKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Show and change the keys of an encrypted repository.",
        discussion: """
            A key is a passphrase that opens the repository; there may be several, for several people or places. All
            but `list` work with the passphrase of the configuration. Nothing that is stored is written again.
            """,
        subcommands: [KeyList.self, KeyAdd.self, KeyRemove.self, KeyRotate.self])
}
