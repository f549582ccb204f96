import Engine

/// An export from the command line: finds the restore point, opens its repository and the place, exports, reports.
struct ExportSession: Sendable {
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

    /// - Parameter place: an entry of `exports`; nil for files.
    func run(
        _ request: ExportRequest, of arguments: PointArguments, to place: String?
    ) async throws(EngineError) -> ExitStatus {
        let found = try await points.find(arguments.reference, repository: arguments.repository, vm: arguments.vm)
        try configuration.cache.prepare()
        let display = RunDisplay.make(on: surroundings.console, events: events)
        defer { display.end() }
        let formats = ImageFormats(surroundings)
        let repositories = RepositoryAccess(configuration, in: surroundings)
        let exported = try await repositories.use(found.repository) { open throws(EngineError) in
            let manifest = try await open.repository.manifest(found.stored)
            let exporter = Exporter(
                repository: open.repository, index: open.index, leases: configuration.cache.leases,
                progress: display.sink)
            return try await ExportPlaces(configuration, in: surroundings).use(place) { target throws(EngineError) in
                let exports = try request.exports(of: manifest, among: formats, at: target)
                return try await exporter.export(exports, of: manifest)
            }
        }
        display.end()
        try report(exported, of: found, isStreamed: request.output == "-" && place == nil)
        return .done
    }

    /// Stdout may hold the image.
    private func report(
        _ exported: [ExportedDisk], of point: FoundPoint, isStreamed: Bool
    ) throws(EngineError) {
        let console = surroundings.console
        if events {
            console.say(try JSONOutput.line(ExportReportEvent(exported, of: point)))
        } else {
            let text = ExportReportText(exported, of: point).text
            if isStreamed { console.note(text) } else { console.say(text) }
        }
    }
}
