import ArgumentParser
import Engine

/// `ahvault repository repair`
struct RepositoryRepair: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Make a damaged repository whole, as far as it can be.",
        discussion: """
            Every pack is read and decoded. What is damaged is brought back from parity or from other copies; what is \
            good in a damaged pack is copied out of it; damaged index runs and parity are made anew. The rest is marked, \
            so that the next backup reads it from the source again: then every restore point that shares it is whole. \
            Nothing good is ever deleted, and backups and restores may go on beside. It can be stopped and run again. \
            The exit code is 1 when something is still lost.

            EXAMPLES
              ahvault repository repair --dry-run
              ahvault repository repair --repository main
              ahvault repository repair --json
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var repository: RepositoryOption
    @Flag(help: "Only say what would be done.")
    var dryRun = false
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        try configuration.cache.prepare()
        let display = RunDisplay.make(on: surroundings.console, events: false)
        defer { display.end() }
        let access = RepositoryAccess(configuration, in: surroundings)
        let report = try await access.use(repository.repository, readsCopies: false) { open throws(EngineError) in
            try await Repairer(
                repository: open.repository, index: open.index, leases: configuration.cache.leases,
                packSize: RepositoryChoice.defaultPackSize, hasParity: open.hasParity,
                memory: configuration.cache.checks(of: open.repository.id), progress: display.sink
            ).repair(isDryRun: dryRun)
        }
        display.end()
        if output.json {
            surroundings.console.say(try JSONOutput.document(report))
        } else {
            surroundings.console.say(RepairText(report).text)
        }
        return report.isWhole ? .done : .failed
    }
}
