import ArgumentParser
import Engine

/// `ahvault repository key list`
struct KeyList: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the keys of an encrypted repository.",
        discussion: """
            No passphrase is needed. Keys of an older generation than the newest do not open what was written since the
            last `rotate`.

            EXAMPLES
              ahvault repository key list
              ahvault repository key list --repository main --json
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var repository: RepositoryOption
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let listing = try await RepositoryAccess(configuration, in: surroundings)
            .useKeys(repository.repository) { slots, _ throws(EngineError) in try await slots.list() }
        for (_, error) in listing.unreadable { surroundings.console.warn("\(error)") }
        let keys = listing.slots.map(KeySummary.init)
        if output.json {
            surroundings.console.say(try JSONOutput.document(keys))
        } else {
            surroundings.console.say(KeySummary.table(keys).text)
        }
        return listing.unreadable.isEmpty ? .done : .failed
    }
}
