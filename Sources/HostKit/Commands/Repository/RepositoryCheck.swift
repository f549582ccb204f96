import ArgumentParser
import Engine

/// `ahvault repository check`
struct RepositoryCheck: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look for damage, and say which restore points it hits.",
        discussion: """
            Every manifest, index run and map of a disk is checked, and that every chunk is there. With --read-data every \
            byte of the packs is read and compared with its checksum; with --read-data=PERCENT that part of the packs, \
            chosen at random. Nothing is changed. The exit code is 1 when something is damaged.

            EXAMPLES
              ahvault repository check
              ahvault repository check --repository main --read-data
              ahvault repository check --read-data=5 --json
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var repository: RepositoryOption
    @Option(
        name: .customLong("read-data"), defaultAsFlag: 100,
        help: ArgumentHelp("Read the packs too: all of them, or so many percent.", valueName: "percent"))
    var readData: Double?
    @OptionGroup var output: JSONOption

    func validate() throws {
        guard let readData else { return }
        guard readData > 0, readData <= 100 else {
            throw ValidationError("--read-data takes a percentage above 0, up to 100")
        }
    }

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let display = RunDisplay.make(on: surroundings.console, events: false)
        let report = try await RepositoryAccess(configuration, in: surroundings)
            .use(repository.repository) { open throws(EngineError) in
                try await Verifier(repository: open.repository, index: open.index, progress: display.sink)
                    .check(readData.map { .deep(percent: $0) } ?? .structure)
            }
        display.end()
        if output.json {
            surroundings.console.say(try JSONOutput.document(report))
        } else {
            surroundings.console.say(CheckText(report).text)
        }
        return report.isClean ? .done : .failed
    }
}
