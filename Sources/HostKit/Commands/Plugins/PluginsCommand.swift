import ArgumentParser

/// The noun `plugins`.
struct PluginsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins",
        abstract: "Show the plug-ins of this build and their settings, and try a target.",
        subcommands: [PluginsList.self, PluginsDescribe.self, PluginsCheck.self])
}
