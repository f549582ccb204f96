import Engine

/// What a backup is to do: from where, to where, and which VMs.
struct BackupPlan: Sendable {
    /// Name in the configuration; nil means the only one.
    let source: String?
    let repository: String?
    /// Name of the job whose `keep` is acted on afterwards; nil for a backup by hand.
    let job: String?
    let options: BackupOptions
    /// Chooses the VMs.
    let machines: @Sendable (Inventory) throws(EngineError) -> [VirtualMachine]
}

/// A backup from the command line: opens repository and source, runs, and reports.
struct BackupSession: Sendable {
    private let configuration: HostConfiguration
    private let surroundings: Surroundings
    /// Whether stdout gets events instead of words.
    private let events: Bool

    init(_ configuration: HostConfiguration, in surroundings: Surroundings, events: Bool) {
        self.configuration = configuration
        self.surroundings = surroundings
        self.events = events
    }

    func run(_ plan: BackupPlan) async throws(EngineError) -> ExitStatus {
        _ = try configuration.sources.chosen(plan.source, option: "--source")
        let sources = SourceAccess(configuration, in: surroundings)
        return try await run(plan) { open, sink throws(EngineError) in
            try await sources.use(plan.source) { source, name throws(EngineError) in
                let machines = try plan.machines(try await source.inventory())
                return try await backUp(machines, of: source, called: name, plan.options, to: open, sink)
            }
        }
    }

    /// Makes a restore point of a VM whose disks are images.
    func importMachine(
        _ machine: ImportedMachine, to repository: String?, _ options: BackupOptions
    ) async throws(EngineError) -> ExitStatus {
        let source = ImportSource(machine)
        let plan = BackupPlan(source: nil, repository: repository, job: nil, options: options) { $0.machines }
        return try await run(plan) { open, sink throws(EngineError) in
            try await backUp(
                [machine.virtualMachine], of: source, called: ImportSource.name, options, to: open, sink)
        }
    }

    private typealias Work = (OpenRepository, @escaping ProgressSink) async throws(EngineError) -> BackupReport

    private func run(_ plan: BackupPlan, _ work: Work) async throws(EngineError) -> ExitStatus {
        try configuration.cache.prepare()
        let display = RunDisplay.make(on: surroundings.console, events: events)
        defer { display.end() }
        let repositories = RepositoryAccess(configuration, in: surroundings)
        let (report, retention) = try await repositories.use(plan.repository) { open throws(EngineError) in
            let report = try await work(open, display.sink)
            return (report, await followUp(report, plan, in: open))
        }
        display.end()
        let console = surroundings.console
        console.say(
            try events
                ? JSONOutput.line(BackupReportEvent(report, deleted: retention.deleted))
                : BackupReportText(report, deleted: retention.deleted).text)
        let status = Self.status(of: report)
        return status == .done && !retention.isComplete ? .incomplete : status
    }

    private func backUp(
        _ machines: [VirtualMachine], of source: any Source, called name: String, _ options: BackupOptions,
        to open: OpenRepository, _ progress: @escaping ProgressSink
    ) async throws(EngineError) -> BackupReport {
        var options = options
        options.now = surroundings.now
        options.hasParity = open.hasParity
        let run = BackupRun(
            repository: open.repository, source: source, sourceName: name, codec: open.codec, index: open.index,
            options: options, leases: configuration.cache.leases, progress: progress)
        return try await run.run(machines)
    }

    /// Brings the catalog up to date and lets the job's rule decide. The restore points are made, whatever happens now.
    private func followUp(
        _ report: BackupReport, _ plan: BackupPlan, in open: OpenRepository
    ) async -> JobRetention.Outcome {
        do {
            let points = try RestorePoints(configuration, in: surroundings)
            try await points.follow(open)
            guard let job = plan.job else { return JobRetention.Outcome() }
            return await JobRetention(job: job, configuration: configuration, surroundings: surroundings)
                .run(after: report, in: open, points)
        } catch {
            surroundings.console.warn("the catalog was not brought up to date: \(error)")
            return JobRetention.Outcome(isComplete: plan.job == nil)
        }
    }

    static func status(of report: BackupReport) -> ExitStatus {
        if report.failures.isEmpty { return report.manifests.contains(where: \.isDegraded) ? .incomplete : .done }
        return report.manifests.isEmpty ? .failed : .incomplete
    }
}
