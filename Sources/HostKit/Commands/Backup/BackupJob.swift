import ArgumentParser
import Engine

/// `ahvault backup run JOB`
struct BackupJob: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a job of the configuration.",
        discussion: """
            Each VM that the job chooses gets a restore point. What did not change since the one before is neither \
            read nor stored; where that cannot be told, the disk is read in full and the report says why. Afterwards, \
            of each VM with a new restore point, those that the job's `keep` gives up are deleted.

            EXAMPLES
              ahvault backup run nightly
              ahvault backup run nightly --full
              ahvault --config /etc/ahvault/lab.yaml backup run nightly --json
            """)

    @Argument(help: "The job's name in the configuration.")
    var job: String
    @Flag(help: "Read every disk in full, as if there were no earlier restore point.")
    var full = false
    @OptionGroup var config: ConfigOption
    @OptionGroup var output: EventOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let entry = try configuration.jobs.entry(named: job, at: "backup run")
        let job = entry.value
        if !job.dormant.isEmpty {
            surroundings.console.note(
                "job \(entry.name): this version keeps \(job.dormant.map { "`\($0)`" }.joined(separator: " and ")) "
                    + "with the restore points, but does not act on it")
        }
        var options = BackupOptions()
        options.machines = job.parallel
        options.consistency = job.consistency
        options.isFull = full
        options.job = job.snapshot(name: entry.name)
        let plan = BackupPlan(
            source: job.source.text, repository: job.repository.text, job: entry.name, options: options
        ) {
            inventory throws(EngineError) in
            let machines = inventory.machines(for: job.vms)
            guard !machines.isEmpty else {
                throw EngineError(
                    .notFound,
                    "job \(entry.name) chooses none of the \(inventory.machines.count) VMs; "
                        + "compare `vms` in the configuration with `ahvault inventory vms`")
            }
            return machines
        }
        return try await BackupSession(configuration, in: surroundings, events: output.json).run(plan)
    }
}
