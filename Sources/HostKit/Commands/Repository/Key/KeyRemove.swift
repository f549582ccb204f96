import ArgumentParser
import Engine

/// `ahvault repository key remove ID`
struct KeyRemove: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take a key away: its passphrase opens nothing any more.",
        discussion: """
            The key whose passphrase is configured cannot be removed, so that one always stays. Whoever knew the
            passphrase may have copied the keys themselves before: run `rotate` too, and what is written from then on is
            kept from them.

            EXAMPLES
              ahvault repository key list
              ahvault repository key remove 0123456789abcdef
            """)

    @Argument(help: ArgumentHelp("The key's id, as `key list` shows it.", valueName: "id"))
    var id: String
    @OptionGroup var config: ConfigOption
    @OptionGroup var repository: RepositoryOption
    @OptionGroup var output: JSONOption

    private struct Outcome: Encodable {
        let removed: String
    }

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        try await RepositoryAccess(configuration, in: surroundings)
            .useKeys(repository.repository) { slots, configured throws(EngineError) in
                try await slots.remove(id, using: slots.open(configured: configured))
            }
        if output.json {
            surroundings.console.say(try JSONOutput.document(Outcome(removed: id)))
        } else {
            surroundings.console.say("key \(id) is removed".printable(keepsLines: false))
        }
        return .done
    }
}
