import ArgumentParser
import Engine

/// `ahvault points pin POINT…`
struct PointsPin: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: "Keep restore points whatever the rules of retention say.",
        discussion: """
            A pinned restore point stays until it is unpinned: no rule and no `points delete` takes it away. The pin \
            is kept in the repository, so every proxy respects it.

            EXAMPLES
              ahvault points pin 20261122-183045 --note "before the upgrade"
              ahvault points pin latest --vm web-01
            """)

    @OptionGroup var points: PointListArguments
    @Option(help: ArgumentHelp("Why, kept with the pin.", valueName: "text"))
    var note: String?
    @OptionGroup var config: ConfigOption
    @OptionGroup var output: JSONOption

    func validate() throws {
        guard let note else { return }
        guard note.count <= Pin.noteLimit else {
            throw ValidationError("--note takes at most \(Pin.noteLimit) characters")
        }
    }

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let selection = try await RestorePoints(configuration, in: surroundings).select(points)
        var outcomes: [PinOutcome] = []
        for part in selection.parts {
            outcomes += try await RepositoryAccess(configuration, in: surroundings)
                .use(part.repository) { open throws(EngineError) in
                    var outcomes: [PinOutcome] = []
                    for choice in part.choices {
                        let isNew = try await open.repository.pin(choice.stored, note: note, now: surroundings.now())
                        outcomes.append(
                            PinOutcome(
                                choice, in: part.repository, isPinned: true,
                                isChanged: isNew, words: isNew ? "pinned" : "was pinned already, and keeps its note"))
                    }
                    return outcomes
                }
        }
        try PinOutcome.show(outcomes, json: output.json, on: surroundings.console)
        return .done
    }
}

/// What became of a restore point that was to be pinned or unpinned; of `--json`.
struct PinOutcome: Encodable, Sendable {
    let id: RestorePointID
    let vm: String?
    let repository: String
    let isPinned: Bool
    let isChanged: Bool
    private let words: String

    private enum CodingKeys: CodingKey {
        case id, vm, repository, isPinned, isChanged
    }

    init(
        _ choice: PointSelection.Choice, in repository: String, isPinned: Bool, isChanged: Bool, words: String
    ) {
        id = choice.id
        vm = choice.vm
        self.repository = repository
        self.isPinned = isPinned
        self.isChanged = isChanged
        self.words = "restore point \(choice.words) \(words)"
    }

    static func show(_ outcomes: [PinOutcome], json: Bool, on console: Console) throws(EngineError) {
        if json {
            console.say(try JSONOutput.document(outcomes))
        } else {
            for outcome in outcomes { console.say(outcome.words.printable(keepsLines: false)) }
        }
    }
}
