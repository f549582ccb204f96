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
        let formats = ImageFormats(surroundings)
        let (exported, found) = try await run(of: arguments, to: place) {
            exporter, manifest, target throws(EngineError) in
            let exports = try request.exports(of: manifest, among: formats, at: target)
            return try await exporter.export(exports, of: manifest)
        }
        try report(
            ExportReportEvent(exported, of: found), ExportReportText(exported, of: found).text,
            isStreamed: request.output == "-" && place == nil)
        return .done
    }

    typealias MakeOVA = (Manifest, (any Target)?) throws(EngineError) -> OVAExport

    func runOVA(
        of arguments: PointArguments, to place: String?, isStreamed: Bool, _ make: MakeOVA
    ) async throws(EngineError) -> ExitStatus {
        let (exported, found) = try await run(of: arguments, to: place) {
            exporter, manifest, target throws(EngineError) in
            try await exporter.export(try make(manifest, target), of: manifest)
        }
        try report(
            OVAReportEvent(exported, of: found), OVAReportText(exported, of: found).text, isStreamed: isStreamed)
        return .done
    }

    private func run<R: Sendable>(
        of arguments: PointArguments, to place: String?,
        _ work: (Exporter, Manifest, (any Target)?) async throws(EngineError) -> R
    ) async throws(EngineError) -> (R, FoundPoint) {
        let found = try await points.find(arguments.reference, repository: arguments.repository, vm: arguments.vm)
        try configuration.cache.prepare()
        let display = RunDisplay.make(on: surroundings.console, events: events)
        defer { display.end() }
        let repositories = RepositoryAccess(configuration, in: surroundings)
        let places = ExportPlaces(configuration, in: surroundings)
        let result = try await repositories.use(found.repository) { open throws(EngineError) in
            let manifest = try await open.repository.manifest(found.stored)
            let exporter = Exporter(
                repository: open.repository, index: open.index, leases: configuration.cache.leases,
                progress: display.sink)
            return try await places.use(place) { target throws(EngineError) in
                try await work(exporter, manifest, target)
            }
        }
        return (result, found)
    }

    /// Stdout may hold the image.
    private func report(_ event: some Encodable, _ text: String, isStreamed: Bool) throws(EngineError) {
        let console = surroundings.console
        if events {
            console.say(try JSONOutput.line(event))
        } else if isStreamed {
            console.note(text)
        } else {
            console.say(text)
        }
    }
}
