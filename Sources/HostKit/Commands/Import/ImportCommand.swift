import ArgumentParser

/// The noun `import`.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take disk images in as restore points, to be restored like any other.",
        subcommands: [ImportDisk.self, ImportOVA.self])
}
