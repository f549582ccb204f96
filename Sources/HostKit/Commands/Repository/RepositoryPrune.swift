import ArgumentParser
import Engine

/// `ahvault repository prune`
struct RepositoryPrune: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Delete the restore points that the rules give up, and give back what nothing needs any more.",
        discussion: """
            The rules are the `keep` of the jobs and of the repository; a restore point that comes under none stays. \
            Backups, restores and checks may go on beside, from this proxy and from others. With --dry-run nothing \
            changes: the restore points that would go are named with the rule that gives them up, and the bytes are \
            counted exactly.

            EXAMPLES
              ahvault repository prune --dry-run
              ahvault repository prune --repository main
              ahvault repository prune --waste 10 --json
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var repository: RepositoryOption
    @Flag(help: "Only say what would go.")
    var dryRun = false
    @Option(
        help: ArgumentHelp(
            "Repack packs with a larger part of garbage (default: `prune: { waste: … }` of the repository, or 25).",
            valueName: "percent"))
    var waste: String?
    @OptionGroup var output: JSONOption

    func validate() throws {
        if let waste, Percentage(waste) == nil {
            throw ValidationError("--waste takes a percentage from 0 to 100")
        }
    }

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let session = PruneSession(
            configuration, in: surroundings, isDryRun: dryRun, waste: waste.flatMap(Percentage.init))
        let outcome = try await session.run(repository.repository)
        let console = surroundings.console
        console.say(try output.json ? JSONOutput.document(PruneDocument(outcome)) : PruneText(outcome).text)
        return .done
    }
}
