import Engine

/// What a job does after its backups: of each VM with a new restore point it deletes those that its own rule gives up.
///
/// Only its own restore points, and never those of a VM whose backup failed. The space is given back by a prune.
struct JobRetention: Sendable {
    let job: String
    let configuration: HostConfiguration
    let surroundings: Surroundings

    struct Outcome: Sendable {
        var deleted: [FoundPoint] = []
        /// Whether everything went that was to go.
        var isComplete = true
    }

    /// Never fails the run: what cannot be deleted now is told, and goes another day.
    func run(
        after report: BackupReport, in open: OpenRepository, _ points: RestorePoints
    ) async -> Outcome {
        do {
            let given = try await givenUp(after: report, open, points)
            if given.isEmpty { return Outcome() }
            let verdict = try await DeletionGuard(repository: open.repository).judge(given.map(\.stored))
            for damaged in verdict.unreadable {
                surroundings.console.warn("restore point \(damaged.point.id) stays: \(damaged.error)")
            }
            let gone = try await points.delete(verdict.free, in: open)
            return Outcome(deleted: given.filter { gone.contains($0.stored) })
        } catch {
            surroundings.console.warn("job \(job): what `keep` gives up was not deleted: \(error)")
            return Outcome(isComplete: false)
        }
    }

    private func givenUp(
        after report: BackupReport, _ open: OpenRepository, _ points: RestorePoints
    ) async throws(EngineError) -> [FoundPoint] {
        guard let settings = configuration.jobs.value(named: job), settings.keep != nil else { return [] }
        let key = RetentionGroup.Key(job: job, source: settings.source.text)
        let repository = try configuration.repositories.entry(named: open.name, at: "backup run")
        let backedUp = Set(report.manifests.map(\.vm.id))
        let known = try await points.known(open, ofVMs: backedUp)
        return Dictionary(grouping: known) { $0.vm.id }.values
            .compactMap { MachineRetention($0, in: configuration, repository, now: surroundings.now()) }
            .flatMap(\.deleted).map(\.point)
            .filter { RetentionGroup.Key($0.overview) == key }
            .sorted { $0.id < $1.id }
    }
}
