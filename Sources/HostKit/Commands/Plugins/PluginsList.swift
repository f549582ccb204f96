import ArgumentParser
import Engine

/// `ahvault plugins list`
struct PluginsList: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the plug-ins of this build.",
        discussion: """
            EXAMPLES
              ahvault plugins list
              ahvault plugins list --json
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let plugins = PluginDescription.all(of: surroundings.plugins)
        if output.json {
            surroundings.console.say(try JSONOutput.document(plugins))
            return .done
        }
        var table = Table([.left("KIND"), .left("NAME"), .left("WHAT IT IS")])
        for plugin in plugins { table.add([plugin.kind, plugin.name, plugin.summary]) }
        surroundings.console.say(table.text)
        return .done
    }
}
