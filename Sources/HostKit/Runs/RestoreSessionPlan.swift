import Engine

/// A restore from the command line: finds the restore point, opens its repository and the source, restores, reports.
struct RestoreSessionPlan: Sendable {
    typealias Work = @Sendable (Restorer, Manifest, any Source) async throws(EngineError) -> RestoreReport

    private let configuration: HostConfiguration
    private let surroundings: Surroundings
    /// Whether stdout gets events instead of words.
    private let events: Bool
    private let points: RestorePoints

    init(_ configuration: HostConfiguration, in surroundings: Surroundings, events: Bool) throws(EngineError) {
        self.configuration = configuration
        self.surroundings = surroundings
        self.events = events
        points = try RestorePoints(configuration, in: surroundings)
    }

    func run(
        _ subject: RestoredThing, of arguments: PointArguments, source: String?, _ work: @escaping Work
    ) async throws(EngineError) -> ExitStatus {
        let found = try await points.find(arguments.reference, repository: arguments.repository, vm: arguments.vm)
        let sourceName = try chosenSource(source, of: found.overview)
        try configuration.cache.prepare()
        let display = RunDisplay.make(on: surroundings.console, events: events)
        defer { display.end() }
        let repositories = RepositoryAccess(configuration, in: surroundings)
        let report = try await repositories.use(found.repository) { open throws(EngineError) in
            let manifest = try await open.repository.manifest(found.stored)
            let restorer = Restorer(
                repository: open.repository, index: open.index, leases: configuration.cache.leases,
                progress: display.sink)
            return try await SourceAccess(configuration, in: surroundings)
                .use(sourceName) { source, _ throws(EngineError) in try await work(restorer, manifest, source) }
        }
        display.end()
        let words = RestoreReportText(report, of: found, subject)
        surroundings.console.say(try events ? JSONOutput.line(RestoreReportEvent(report, of: found)) : words.text)
        return .done
    }

    /// The source that was asked for, the one of the backup if it is configured still, or the only one.
    private func chosenSource(_ given: String?, of point: PointOverview) throws(EngineError) -> String {
        let original = configuration.sources.value(named: point.source) == nil ? nil : point.source
        return try configuration.sources.chosen(given ?? original, option: "--source").name
    }
}
