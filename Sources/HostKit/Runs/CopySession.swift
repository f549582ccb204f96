import Engine

/// What a copy is to do.
struct CopyRequest: Sendable {
    /// Names in the configuration.
    let from: String
    let to: String
    let choice: CopyChoice
    let isOnlyNewer: Bool
    let isDryRun: Bool
    /// Whether what was copied is read back.
    let verifies: Bool
}

/// A copy from the command line: opens both repositories, chooses the restore points, copies, checks, and reports.
struct CopySession: Sendable {
    private let configuration: HostConfiguration
    private let surroundings: Surroundings
    /// Whether stdout gets events instead of words.
    private let events: Bool
    private let access: RepositoryAccess

    init(_ configuration: HostConfiguration, in surroundings: Surroundings, events: Bool) {
        self.configuration = configuration
        self.surroundings = surroundings
        self.events = events
        access = RepositoryAccess(configuration, in: surroundings)
    }

    struct Outcome: Sendable {
        let from: String
        let to: String
        let report: CopyReport
        /// Nil when nothing was to be checked.
        let verification: CheckReport?

        var status: ExitStatus {
            if !(verification?.isClean ?? true) { return .incomplete }
            if report.failed.isEmpty { return .done }
            return report.copied.isEmpty && report.present == 0 ? .failed : .incomplete
        }
    }

    func run(_ request: CopyRequest) async throws(EngineError) -> ExitStatus {
        try refuse(request)
        try configuration.cache.prepare()
        let display = RunDisplay.make(on: surroundings.console, events: events)
        defer { display.end() }
        let points = try RestorePoints(configuration, in: surroundings)
        let report = try await copy(request, points, display)
        let verification = request.verifies ? try await verify(report, request, display) : nil
        display.end()
        let outcome = Outcome(from: request.from, to: request.to, report: report, verification: verification)
        surroundings.console.say(
            try events ? JSONOutput.line(CopyReportEvent(outcome)) : CopyReportText(outcome).text)
        return outcome.status
    }

    private func refuse(_ request: CopyRequest) throws(EngineError) {
        _ = try configuration.repositories.entry(named: request.from, at: "--from")
        _ = try configuration.repositories.entry(named: request.to, at: "--to")
        guard request.from != request.to else {
            throw EngineError(.configuration, "--from and --to are both `\(request.from)`: name two repositories")
        }
    }

    /// An error says of which repository it is when it is thrown; so it passes the other one as a value.
    private func copy(
        _ request: CopyRequest, _ points: RestorePoints, _ display: RunDisplay
    ) async throws(EngineError) -> CopyReport {
        let chosen = try await access.use(request.from) {
            source throws(EngineError) -> Result<CopyReport, EngineError> in
            let chosen = try request.choice.chosen(of: try await points.survey(source, vm: nil))
            do throws(EngineError) {
                return .success(try await copy(chosen, of: source, request, points, display))
            } catch {
                return .failure(error)
            }
        }
        return try chosen.get()
    }

    private func copy(
        _ chosen: [StoredPoint], of source: OpenRepository, _ request: CopyRequest, _ points: RestorePoints,
        _ display: RunDisplay
    ) async throws(EngineError) -> CopyReport {
        let result = try await access.use(request.to) {
            destination throws(EngineError) -> Result<CopyReport, EngineError> in
            var options = CopyOptions()
            options.hasParity = destination.hasParity
            options.isOnlyNewer = request.isOnlyNewer
            let run = CopyRun(
                from: CopySide(name: source.name, repository: source.repository, index: source.index),
                to: CopySide(
                    name: destination.name, repository: destination.repository, index: destination.index),
                codec: destination.codec, options: options, leases: configuration.cache.leases,
                progress: display.sink)
            do throws(EngineError) {
                let report = try await request.isDryRun ? run.plan(chosen) : run.run(chosen)
                if !request.isDryRun { await follow(destination, points) }
                return .success(report)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Brings the catalog up to date. The restore points are copied, whatever happens now.
    private func follow(_ destination: OpenRepository, _ points: RestorePoints) async {
        do throws(EngineError) {
            try await points.follow(destination)
        } catch {
            surroundings.console.warn("the catalog was not brought up to date: \(error)")
        }
    }

    /// Reads what lies at the target itself, not what a cache has of it.
    private func verify(
        _ report: CopyReport, _ request: CopyRequest, _ display: RunDisplay
    ) async throws(EngineError) -> CheckReport {
        let copied = Set(report.copied.map(\.id))
        return try await access.use(request.to, readsCopies: false) { open throws(EngineError) in
            try await PointVerifier(
                repository: open.repository, index: open.index, leases: configuration.cache.leases,
                progress: display.sink
            ).check(copied)
        }
    }
}
