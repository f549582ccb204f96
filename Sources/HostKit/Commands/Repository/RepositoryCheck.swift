import ArgumentParser
import Engine

/// `ahvault repository check`
struct RepositoryCheck: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look for damage, and say which restore points it hits.",
        discussion: """
            Every manifest, index run and map of a disk is checked, that every chunk is there, and the ends of all packs. \
            With --scrub every byte at the target is compared with its checksum: at the speed of the disks, without \
            decoding anything, and without the passphrase of an encrypted repository. With --read-data every chunk is \
            decrypted, decompressed and compared with its id; with --read-data=PERCENT that part of the packs, those \
            checked longest ago first. Nothing is changed. The exit code is 1 when something is damaged.

            EXAMPLES
              ahvault repository check
              ahvault repository check --scrub
              ahvault repository check --repository main --read-data
              ahvault repository check --read-data=5 --json
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var repository: RepositoryOption
    @Flag(help: "Compare every byte with its checksum; no passphrase is needed.")
    var scrub = false
    @Option(
        name: .customLong("read-data"), defaultAsFlag: 100,
        help: ArgumentHelp("Decode the packs too: all of them, or so many percent.", valueName: "percent"))
    var readData: Double?
    @OptionGroup var output: JSONOption

    func validate() throws {
        guard let readData else { return }
        guard !scrub else { throw ValidationError("--scrub and --read-data are two checks: give one of them") }
        guard readData > 0, readData <= 100 else {
            throw ValidationError("--read-data takes a percentage above 0, up to 100")
        }
    }

    private var depth: CheckDepth {
        scrub ? .scrub : readData.map { .deep(percent: $0) } ?? .structure
    }

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        try configuration.cache.prepare()
        let display = RunDisplay.make(on: surroundings.console, events: false)
        defer { display.end() }
        let access = RepositoryAccess(configuration, in: surroundings)
        let report = try await access.use(
            repository.repository, needsKeys: !scrub, readsCopies: false
        ) { open throws(EngineError) in
            try await Verifier(
                repository: open.repository, index: open.index, leases: configuration.cache.leases,
                memory: configuration.cache.checks(of: open.repository.id), progress: display.sink
            ).check(depth)
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
