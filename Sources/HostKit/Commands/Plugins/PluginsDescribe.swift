import ArgumentParser
import Engine

/// `ahvault plugins describe NAME`
struct PluginsDescribe: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Show the settings of a plug-in.",
        discussion: """
            EXAMPLES
              ahvault plugins describe local
              ahvault plugins describe ahv --json
            """)

    @Argument(help: "The plug-in's name, as `type:` names it in the configuration.")
    var name: String
    @OptionGroup var config: ConfigOption
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let all = PluginDescription.all(of: surroundings.plugins)
        let plugins = all.filter { $0.name == name }
        guard !plugins.isEmpty else {
            throw EngineError(
                .configuration, "no plug-in `\(name)`; this build has: \(all.map(\.name).joined(separator: ", "))")
        }
        if output.json {
            surroundings.console.say(try JSONOutput.document(plugins))
        } else {
            surroundings.console.say(plugins.map(Self.text).joined(separator: "\n\n"))
        }
        return .done
    }

    private static func text(_ plugin: PluginDescription) -> String {
        let title = "\(plugin.name) (\(plugin.kind)): \(plugin.summary)"
        guard !plugin.settings.isEmpty else { return title + "\n\nIt has no settings." }
        var table = Table([.left("KEY"), .left("PRESENCE"), .left("MEANING")])
        for setting in plugin.settings {
            let secret = setting.isSecret ? " (secret: env:NAME, file:PATH or the value)" : ""
            table.add([setting.key, setting.presence, setting.summary + secret])
        }
        return title + "\n\n" + table.text
    }
}
