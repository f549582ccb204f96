import Engine

/// The way from the configuration to an open source.
struct SourceAccess: Sendable {
    private let configuration: HostConfiguration
    private let surroundings: Surroundings

    init(_ configuration: HostConfiguration, in surroundings: Surroundings) {
        self.configuration = configuration
        self.surroundings = surroundings
    }

    /// Opens the source called `name`, or the only one, for as long as `body` runs.
    func use<R>(
        _ name: String?, _ body: (_ source: any Source, _ name: String) async throws(EngineError) -> R
    ) async throws(EngineError) -> R {
        let entry = try configuration.sources.chosen(name, option: "--source")
        let source = try surroundings.plugins.sources.make(
            entry.value, in: surroundings.context(of: configuration))
        do {
            try await source.open()
            let result = try await body(source, entry.name)
            await source.close()
            return result
        } catch {
            await source.close()
            throw error.at("source \(entry.name)")
        }
    }

    func inventory(of name: String?) async throws(EngineError) -> Inventory {
        try await use(name) { source, _ throws(EngineError) in try await source.inventory() }
    }
}
