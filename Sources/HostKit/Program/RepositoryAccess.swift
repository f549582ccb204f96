import Engine

/// A repository that is open, with what is needed to write to it.
struct OpenRepository: Sendable {
    /// In the configuration.
    let name: String
    let repository: Repository
    let codec: any Codec
    /// Empty: the engine fills it.
    let index: any DedupIndex
}

/// The way from the configuration to an open repository.
struct RepositoryAccess: Sendable {
    private let configuration: HostConfiguration
    private let surroundings: Surroundings

    init(_ configuration: HostConfiguration, in surroundings: Surroundings) {
        self.configuration = configuration
        self.surroundings = surroundings
    }

    /// Names of the configured repositories.
    var names: [String] { configuration.repositories.entries.map(\.name) }

    /// Opens the repository called `name`, or the only one, for as long as `body` runs.
    func use<R>(
        _ name: String?, _ body: (OpenRepository) async throws(EngineError) -> R
    ) async throws(EngineError) -> R {
        let entry = try configuration.repositories.chosen(name, option: "--repository")
        let plugins = surroundings.plugins
        let context = surroundings.context(of: configuration)
        let codec = try plugins.codecs.make(entry.value.codec, in: context)
        let index = try plugins.indexes.make(entry.value.index, in: context)
        let codecs = try CodecSet(plugins.codecs, in: context, parity: plugins.parity)
        return try await target(entry) { target throws(EngineError) in
            let repository = try await Repository.open(on: target, codecs: codecs, logger: context.logger)
            return try await body(
                OpenRepository(name: entry.name, repository: repository, codec: codec, index: index))
        }
    }

    /// Makes the repository called `name`, or the only one; returns its name in the configuration.
    func create(_ name: String?) async throws(EngineError) -> String {
        let entry = try configuration.repositories.chosen(name, option: "--repository")
        try await target(entry) { target throws(EngineError) in
            try await Repository.create(
                on: target,
                chunker: ChunkerChoice(type: entry.value.chunker, size: entry.value.chunkSize.bytes))
        }
        return entry.name
    }

    private func target<R>(
        _ entry: Section<RepositorySettings>.Entry, _ body: (any Target) async throws(EngineError) -> R
    ) async throws(EngineError) -> R {
        let target = try surroundings.plugins.targets.make(
            entry.value.target, in: surroundings.context(of: configuration))
        do {
            try await target.open()
            let result = try await body(target)
            await target.close()
            return result
        } catch {
            await target.close()
            throw error.at("repository \(entry.name)")
        }
    }
}
