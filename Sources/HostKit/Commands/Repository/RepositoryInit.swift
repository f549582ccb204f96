import ArgumentParser
import Engine

/// `ahvault repository init`
struct RepositoryInit: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make an empty repository at its target.",
        discussion: """
            Chunker, chunk size and encryption of the configuration are fixed from here on. A repository that is there
            stays as it is. With `encryption` its passphrase becomes the first key: without a key nothing can be read,
            so keep it apart from this machine too.

            EXAMPLES
              ahvault repository init
              ahvault repository init --repository main
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var repository: RepositoryOption
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let access = RepositoryAccess(configuration, in: surroundings)
        let name = try await access.create(repository.repository)
        let made = try await access.use(name) { open throws(EngineError) in
            RepositoryIdentity(
                name: open.name, id: open.repository.id, chunker: open.repository.configuration.chunker,
                encryption: open.repository.configuration.encryption.scheme)
        }
        if output.json {
            surroundings.console.say(try JSONOutput.document(made))
        } else {
            surroundings.console.say(
                "repository \(made.name) is ready: id \(made.id), chunks of \(made.chunker.text), "
                    + (made.isEncrypted ? "encrypted by \(made.encryption)" : "not encrypted"))
        }
        return .done
    }
}

/// A repository as `repository init --json` shows it.
private struct RepositoryIdentity: Encodable, Sendable {
    let name: String
    let id: String
    let chunker: ChunkerChoice
    let encryption: String

    var isEncrypted: Bool { encryption != "none" }
}
