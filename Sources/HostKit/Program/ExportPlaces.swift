import Engine

/// The way from the configuration to an open place for exports.
struct ExportPlaces: Sendable {
    private let configuration: HostConfiguration
    private let surroundings: Surroundings

    init(_ configuration: HostConfiguration, in surroundings: Surroundings) {
        self.configuration = configuration
        self.surroundings = surroundings
    }

    /// Opens the entry of `exports` called `name` for as long as `body` runs; nil for files of this machine.
    func use<R>(
        _ name: String?, _ body: ((any Target)?) async throws(EngineError) -> R
    ) async throws(EngineError) -> R {
        guard let name else { return try await body(nil) }
        let entry = try configuration.exports.entry(named: name, at: "--to")
        let target = try entry.value.layeredTarget(
            of: surroundings.plugins, in: surroundings.context(of: configuration)
        ).wrapped(answersFromCopies: false)
        return try await target.opened(as: "export place \(entry.name)", body)
    }
}
