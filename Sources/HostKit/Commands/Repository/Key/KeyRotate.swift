import ArgumentParser
import Engine

/// `ahvault repository key rotate`
struct KeyRotate: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Encrypt everything new under a new key; the passphrases stay.",
        discussion: """
            Nothing that is stored is written again, so it takes a second, whatever the repository holds. Every key's
            passphrase is needed to wrap the new key for it: the configured one, and with --also the others. Keys whose
            passphrase is not given are only removed when --remove-other-keys says so. Runs that go on meanwhile finish
            under the key before.

            EXAMPLES
              ahvault repository key rotate
              ahvault repository key rotate --also file:/etc/ahvault/second.passphrase
              ahvault repository key rotate --remove-other-keys
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var repository: RepositoryOption
    @Option(
        help: ArgumentHelp(
            "Where the passphrase of another key is; may be given several times.", valueName: "env:NAME|file:PATH"))
    var also: [PassphraseReference] = []
    @Flag(help: "Remove the keys whose passphrases are not given.")
    var removeOtherKeys = false
    @OptionGroup var output: JSONOption

    private struct Outcome: Encodable {
        let keys: [KeySummary]
        let removed: [String]
    }

    func validate() throws {
        if also.contains(where: \.isLiteral) { throw ValidationError(PassphraseReference.literalComplaint) }
    }

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let context = surroundings.context(of: configuration)
        let rotation = try await RepositoryAccess(configuration, in: surroundings)
            .useKeys(repository.repository) { slots, configured throws(EngineError) in
                var others: [Passphrase] = []
                for reference in also { others.append(try reference.reveal(in: context)) }
                return try await slots.rotate(
                    slots.open(configured: configured), also: others, removingOthers: removeOtherKeys)
            }
        for slot in rotation.leftBehind {
            surroundings.console.warn(
                "key \(KeySummary(slot).words) was added meanwhile and does not open what is written from now on: "
                    + "remove it and add it again")
        }
        let keys = rotation.slots.map(KeySummary.init)
        if output.json {
            surroundings.console.say(try JSONOutput.document(Outcome(keys: keys, removed: rotation.removed)))
        } else {
            let generation = keys.first?.generation ?? 0
            surroundings.console.say("key generation \(generation) is in use from now on")
            surroundings.console.say(KeySummary.table(keys).text)
        }
        return rotation.leftBehind.isEmpty ? .done : .incomplete
    }
}
