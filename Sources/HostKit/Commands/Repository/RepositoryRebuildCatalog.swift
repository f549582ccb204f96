import ArgumentParser
import Engine

/// `ahvault repository rebuild-catalog`
struct RepositoryRebuildCatalog: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild-catalog",
        abstract: "Read every manifest of a repository into the local catalog again.",
        discussion: """
            The catalog is a cache that keeps itself up to date; this is for doubts. The repository is only read.

            EXAMPLES
              ahvault repository rebuild-catalog --repository main
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var repository: RepositoryOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let points = try RestorePoints(configuration, in: surroundings)
        let (name, count) = try await RepositoryAccess(configuration, in: surroundings)
            .use(repository.repository) { open throws(EngineError) in
                (open.name, try await points.rebuild(open))
            }
        surroundings.console.say("the catalog knows \(count.of("restore point")) of repository \(name)")
        return .done
    }
}
