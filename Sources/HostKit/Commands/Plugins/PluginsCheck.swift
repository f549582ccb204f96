import ArgumentParser
import Engine

/// `ahvault plugins check NAME`
struct PluginsCheck: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Try whether a repository's target keeps what every target promises, and measure it.",
        discussion: """
            Objects are put, read, listed and deleted below `contract/` at the repository's own target, where no object \
            of a repository ever is, and taken away again. The repository need not be made yet, and may be in use. \
            Caches are left out; with --bare all layers are. Some 150 MiB go in each direction. The exit code is 1 when \
            a promise is broken.

            EXAMPLES
              ahvault plugins check main
              ahvault plugins check main --bare
              ahvault plugins check main --json
            """)

    @Argument(help: "The repository, by its name in the configuration.")
    var name: String
    @Flag(help: "Try the target without the repository's layers.")
    var bare = false
    @OptionGroup var config: ConfigOption
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let settings = try configuration.repositories.entry(named: name, at: "NAME").value
        let context = surroundings.context(of: configuration)
        let layered = try settings.layeredTarget(of: surroundings.plugins, in: context)
        let isBare = bare
        let check = TargetCheck(
            TargetCheck.Subject(
                repository: name, target: settings.target.type, layers: isBare ? [] : layered.activeLayers)
        ) {
            let made = try settings.layeredTarget(of: surroundings.plugins, in: context)
            return isBare ? made.bare : made.wrapped(answersFromCopies: false)
        }
        let (console, isSilent) = (surroundings.console, output.json)
        let report = try await check.run { promise in
            if !isSilent { console.say(TargetCheckText.line(promise)) }
        }
        console.say(
            output.json ? try JSONOutput.document(report) : TargetCheckText.summary(of: report))
        return report.isClean ? .done : .failed
    }
}
