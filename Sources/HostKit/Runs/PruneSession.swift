import Engine

/// A prune from the command line: opens the repository, asks the rules, and prunes, or counts what a prune would do.
struct PruneSession: Sendable {
    private let configuration: HostConfiguration
    private let surroundings: Surroundings
    private let isDryRun: Bool
    /// Instead of what the repository's block says.
    private let waste: Percentage?

    init(
        _ configuration: HostConfiguration, in surroundings: Surroundings, isDryRun: Bool, waste: Percentage?
    ) {
        self.configuration = configuration
        self.surroundings = surroundings
        self.isDryRun = isDryRun
        self.waste = waste
    }

    struct Outcome: Sendable {
        let repository: String
        let isDryRun: Bool
        let retention: RepositoryRetention
        /// Restore points that a rule gives up and that go.
        let deleted: Set<RestorePointID>
        /// Those that a rule gives up and that stay, since their manifests are damaged.
        let damaged: Set<RestorePointID>
        let timeZone: String
        let report: PruneReport
    }

    /// - Parameter name: of the repository; nil means the only one.
    func run(_ name: String?) async throws(EngineError) -> Outcome {
        try configuration.cache.prepare()
        let points = try RestorePoints(configuration, in: surroundings)
        let display = RunDisplay.make(on: surroundings.console, events: false)
        defer { display.end() }
        return try await RepositoryAccess(configuration, in: surroundings).use(name) { open throws(EngineError) in
            let survey = try await points.survey(open, vm: nil)
            let retention = try RepositoryRetention(survey, of: open, in: configuration, now: surroundings.now())
            let verdict = try await DeletionGuard(repository: open.repository).judge(retention.deleted.map(\.stored))
            warn(retention, verdict)
            let run = PruneRun(
                repository: open.repository, index: open.index, options: try options(of: open),
                leases: configuration.cache.leases, progress: display.sink)
            let report: PruneReport
            if isDryRun {
                report = try await run.plan(deleting: verdict.free)
            } else {
                report = try await run.run(deleting: verdict.free)
                try await points.forget(verdict.free, in: open)
            }
            return Outcome(
                repository: open.name, isDryRun: isDryRun, retention: retention,
                deleted: Set(verdict.free.map(\.id)), damaged: Set(verdict.unreadable.map(\.point.id)),
                timeZone: configuration.localTime.name, report: report)
        }
    }

    private func warn(_ retention: RepositoryRetention, _ verdict: DeletionGuard.Verdict) {
        for text in retention.warnings { surroundings.console.warn(text) }
        for damaged in verdict.unreadable {
            surroundings.console.warn(
                "restore point \(damaged.point.id) stays whatever the rules say: \(damaged.error)")
        }
    }

    private func options(of open: OpenRepository) throws(EngineError) -> PruneOptions {
        let settings = try configuration.repositories.entry(named: open.name, at: "--repository").value.prune
        var options = PruneOptions()
        if let settings {
            options.grace = Double(settings.grace.seconds)
            options.waste = settings.waste.fraction
        }
        options.hasParity = open.hasParity
        if let waste { options.waste = waste.fraction }
        return options
    }
}
