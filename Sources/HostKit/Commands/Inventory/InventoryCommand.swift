import ArgumentParser

/// The noun `inventory`.
struct InventoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inventory",
        abstract: "Show what a source has, and what of it is protected.",
        subcommands: [InventoryClusters.self, InventoryVMs.self, InventoryDisks.self])
}
