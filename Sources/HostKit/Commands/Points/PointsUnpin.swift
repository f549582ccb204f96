import ArgumentParser
import Engine

/// `ahvault points unpin POINT…`
struct PointsUnpin: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpin",
        abstract: "Let the rules of retention decide over restore points again.",
        discussion: """
            Nothing is deleted at once: the job's next run, or the next prune, decides.

            EXAMPLES
              ahvault points unpin 20261122-183045
              ahvault points unpin latest --vm web-01
            """)

    @OptionGroup var points: PointListArguments
    @OptionGroup var config: ConfigOption
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let selection = try await RestorePoints(configuration, in: surroundings).select(points)
        var outcomes: [PinOutcome] = []
        for part in selection.parts {
            try await RepositoryAccess(configuration, in: surroundings)
                .use(part.repository) { open throws(EngineError) in
                    for choice in part.choices { try await open.repository.unpin(choice.id) }
                }
            outcomes += part.choices.map { choice in
                PinOutcome(
                    choice, in: part.repository, isPinned: false, isChanged: choice.isPinned,
                    words: choice.isPinned ? "is pinned no longer" : "was not pinned")
            }
        }
        try PinOutcome.show(outcomes, json: output.json, on: surroundings.console)
        return .done
    }
}
