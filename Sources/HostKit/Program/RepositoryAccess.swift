import Engine

/// A repository that is open, with what is needed to write to it.
struct OpenRepository: Sendable {
    /// In the configuration.
    let name: String
    let repository: Repository
    let codec: any Codec
    /// Empty: the engine fills it.
    let index: any DedupIndex
    /// Whether packs get parity.
    let hasParity: Bool
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
    /// - Parameters:
    ///   - needsKeys: false to open an encrypted repository without its keys, for what needs none.
    ///   - readsCopies: false for what looks at the objects at the target themselves.
    func use<R>(
        _ name: String?, needsKeys: Bool = true, readsCopies: Bool = true,
        _ body: (OpenRepository) async throws(EngineError) -> R
    ) async throws(EngineError) -> R {
        let entry = try configuration.repositories.chosen(name, option: "--repository")
        let plugins = surroundings.plugins
        let context = surroundings.context(of: configuration)
        let codec = try plugins.codecs.make(entry.value.codec, in: context)
        let index = try plugins.indexes.make(entry.value.index, in: context)
        let codecs = try CodecSet(plugins.codecs, in: context, parity: plugins.parity)
        return try await target(entry, readsCopies: readsCopies) { target throws(EngineError) in
            let repository = try await Repository.open(
                on: target, codecs: codecs, logger: context.logger,
                keys: needsKeys ? try keys(of: entry.value, context) : .none)
            return try await body(
                OpenRepository(
                    name: entry.name, repository: repository, codec: codec, index: index,
                    hasParity: entry.value.parity))
        }
    }

    /// Makes the repository called `name`, or the only one; returns its name in the configuration.
    func create(_ name: String?) async throws(EngineError) -> String {
        let entry = try configuration.repositories.chosen(name, option: "--repository")
        try await target(entry) { target throws(EngineError) in
            try await Repository.create(
                on: target,
                chunker: ChunkerChoice(type: entry.value.chunker, size: entry.value.chunkSize.bytes),
                key: try passphrase(of: entry.value, surroundings.context(of: configuration)).map {
                    FirstKey($0, label: "first")
                })
        }
        return entry.name
    }

    /// The key slots of the repository called `name`, or the only one, with the passphrase that is configured for it;
    /// nothing is opened by it yet.
    func useKeys<R>(
        _ name: String?, _ body: (KeySlots, Passphrase?) async throws(EngineError) -> R
    ) async throws(EngineError) -> R {
        let entry = try configuration.repositories.chosen(name, option: "--repository")
        let passphrase = try passphrase(of: entry.value, surroundings.context(of: configuration))
        return try await use(name, needsKeys: false) { open throws(EngineError) in
            guard open.repository.configuration.isEncrypted else {
                throw EngineError(.configuration, "the repository is not encrypted: it has no keys")
            }
            return try await body(KeySlots(open.repository), passphrase)
        }
    }

    private func keys(of settings: RepositorySettings, _ context: PluginContext) throws(EngineError) -> KeyChoice {
        try passphrase(of: settings, context).map { .passphrase($0) } ?? .plain
    }

    private func passphrase(
        of settings: RepositorySettings, _ context: PluginContext
    ) throws(EngineError) -> Passphrase? {
        guard let encryption = settings.encryption else { return nil }
        return try Passphrase(context.reveal(encryption.passphrase))
    }

    private func target<R>(
        _ entry: Section<RepositorySettings>.Entry, readsCopies: Bool = true,
        _ body: (any Target) async throws(EngineError) -> R
    ) async throws(EngineError) -> R {
        let target = try entry.value.layeredTarget(
            of: surroundings.plugins, in: surroundings.context(of: configuration)
        ).wrapped(answersFromCopies: readsCopies)
        return try await target.opened(as: "repository \(entry.name)", body)
    }
}
