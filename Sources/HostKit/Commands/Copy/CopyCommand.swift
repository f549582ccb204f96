import ArgumentParser
import Engine

/// `ahvault copy`
struct CopyCommand: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copy restore points into another repository.",
        discussion: """
            Only what the other repository lacks is read and moved. Without POINT, --vm and --job everything is \
            copied; of several of these a restore point must fit all. Restore points that are there already are left \
            out, so that a copy that is repeated does nothing, and one that was interrupted goes on where it was. A \
            restore point that cannot be read does not keep the others: the exit code is 3 then. Backups, restores \
            and prunes may go on beside at both repositories.

            EXAMPLES
              ahvault copy --from main --to offsite
              ahvault copy --from main --to offsite --job nightly --only-newer
              ahvault copy --from main --to offsite --vm web-01 --vm db-01 --dry-run
              ahvault copy --from main --to offsite 20261122-183045 --verify
              ahvault copy --from main --to offsite latest --vm web-01 --json
            """)

    @Argument(help: "The beginnings of restore points' ids, or `latest` together with --vm.")
    var points: [String] = []
    @Option(help: ArgumentHelp("The repository that has them.", valueName: "repository"))
    var from: String
    @Option(help: ArgumentHelp("The repository that gets them.", valueName: "repository"))
    var to: String
    @Option(
        help: ArgumentHelp(
            "Only restore points of this VM, by name or id; may be given several times.", valueName: "vm"))
    var vm: [String] = []
    @Option(
        help: ArgumentHelp("Only restore points that this job made; may be given several times.", valueName: "job"))
    var job: [String] = []
    @Flag(help: "Leave out what is older than the newest restore point of its VM in the other repository.")
    var onlyNewer = false
    @Flag(help: "Only say what would be copied, and about how much would move.")
    var dryRun = false
    @Flag(help: "Afterwards read everything that the copied restore points need from the other repository.")
    var verify = false
    @OptionGroup var config: ConfigOption
    @OptionGroup var output: EventOption

    func validate() throws {
        guard !dryRun || !verify else {
            throw ValidationError("--verify checks what was copied; with --dry-run nothing is")
        }
        guard !points.contains("latest") || vm.count == 1 else {
            throw ValidationError("`latest` needs one --vm: the VM whose newest restore point is meant")
        }
    }

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let choice = CopyChoice(points: points.map(PointReference.init), vms: vm, jobs: job)
        return try await CopySession(configuration, in: surroundings, events: output.json).run(
            CopyRequest(
                from: from, to: to, choice: choice, isOnlyNewer: onlyNewer, isDryRun: dryRun, verifies: verify))
    }
}
