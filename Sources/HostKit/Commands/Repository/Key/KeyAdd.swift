import ArgumentParser
import Engine

/// `ahvault repository key add`
struct KeyAdd: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Let one more passphrase open the repository.",
        discussion: """
            The new passphrase comes from an environment variable or a file that only its owner can read; without
            --new-passphrase it is asked for.

            EXAMPLES
              ahvault repository key add --label safe --new-passphrase file:/etc/ahvault/second.passphrase
              ahvault repository key add --label safe
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var repository: RepositoryOption
    @Option(help: ArgumentHelp("What the key is for, or who has it; kept in clear.", valueName: "text"))
    var label = ""
    @Option(help: ArgumentHelp("Where the new passphrase is.", valueName: "env:NAME|file:PATH"))
    var newPassphrase: PassphraseReference?
    @OptionGroup var output: JSONOption

    func validate() throws {
        if newPassphrase?.isLiteral == true { throw ValidationError(PassphraseReference.literalComplaint) }
        guard label.count <= KeySlot.labelLimit else {
            throw ValidationError("--label takes at most \(KeySlot.labelLimit) characters")
        }
    }

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let added = try await RepositoryAccess(configuration, in: surroundings)
            .useKeys(repository.repository) { slots, configured throws(EngineError) in
                let open = try await slots.open(configured: configured)
                let passphrase = try passphrase(surroundings, configuration)
                return KeySummary(try await slots.add(passphrase, label: label, using: open))
            }
        if output.json {
            surroundings.console.say(try JSONOutput.document(added))
        } else {
            surroundings.console.say("key \(added.words) is added".printable(keepsLines: false))
        }
        return .done
    }

    private func passphrase(
        _ surroundings: Surroundings, _ configuration: HostConfiguration
    ) throws(EngineError) -> Passphrase {
        if let newPassphrase { return try newPassphrase.reveal(in: surroundings.context(of: configuration)) }
        guard let first = surroundings.askSecret("new passphrase:"),
            let second = surroundings.askSecret("again:")
        else {
            throw EngineError(.configuration, "give the new passphrase: `--new-passphrase env:NAME` or `file:PATH`")
        }
        guard first == second else { throw EngineError(.configuration, "the two were not the same: nothing was added") }
        return try Passphrase(first)
    }
}

extension KeySlots {
    /// Opens the slot of the configured passphrase.
    /// - Throws: as `open(_:)`, and `.locked` when none is configured.
    func open(configured passphrase: Passphrase?) async throws(EngineError) -> OpenKeySlot {
        guard let passphrase else { throw ContentProtection.noPassphrase }
        return try await open(passphrase)
    }
}
