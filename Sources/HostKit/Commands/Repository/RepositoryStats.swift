import ArgumentParser
import Engine

/// `ahvault repository stats`
struct RepositoryStats: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Show how much a repository holds, and how small.",
        discussion: """
            EXAMPLES
              ahvault repository stats
              ahvault repository stats --repository main --json
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var repository: RepositoryOption
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let points = try RestorePoints(configuration, in: surroundings)
        let statistics = try await RepositoryAccess(configuration, in: surroundings)
            .use(repository.repository) { open throws(EngineError) in
                try await RepositoryStatistics(of: open, points: try await points.list(in: open, vm: nil))
            }
        if output.json {
            surroundings.console.say(try JSONOutput.document(statistics))
        } else {
            surroundings.console.say(statistics.text)
        }
        return .done
    }
}
