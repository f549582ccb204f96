/// Start here: everything AHVault does, as verbs over a repository and a source. Each verb is a few lines; the folder of
/// its name has the rest.
///
/// ```
/// backup   Source → Backup/ (lanes: read, zeros, hash, index, codec) → Repository/ (packs, tree, manifest) → Target
/// restore  Target → Restore/ (plan by pack order, decode, check) → Source
/// check    Target → Verify/ (packs, trees, restore points hit)
/// ```
package struct Engine: Sendable {
    package let plugins: Plugins
    package let context: PluginContext
    /// Folder of this proxy's run leases: they tell a live run from one that died.
    package let leases: String

    package init(plugins: Plugins, context: PluginContext, leases: String) {
        self.plugins = plugins
        self.context = context
        self.leases = leases
    }

    /// Connects to a source. The caller closes it.
    package func openSource(_ choice: PluginChoice) async throws(EngineError) -> any Source {
        let source = try plugins.sources.make(choice, in: context)
        try await onBlockingThreads { try await source.open() }
        return source
    }

    /// Makes an empty repository at a target.
    package func createRepository(_ choice: RepositoryChoice) async throws(EngineError) {
        let target = try LayeredTarget(choice.target, layers: choice.layers, of: plugins, in: context).wrapped()
        try await onBlockingThreads {
            try await target.open()
            do throws(EngineError) {
                try await Repository.create(
                    on: target, chunker: choice.chunker, key: choice.passphrase.map { FirstKey($0, label: "first") })
            } catch {
                await target.close()
                throw error
            }
            await target.close()
        }
    }

    /// Opens a repository. The caller closes it.
    package func openRepository(_ choice: RepositoryChoice) async throws(EngineError) -> OpenRepository {
        let codec = try plugins.codecs.make(choice.codec, in: context)
        let index = try plugins.indexes.make(choice.index, in: context)
        let codecs = try CodecSet(plugins.codecs, in: context, parity: plugins.parity)
        let target = try LayeredTarget(choice.target, layers: choice.layers, of: plugins, in: context).wrapped()
        return try await onBlockingThreads {
            try await target.open()
            do throws(EngineError) {
                let repository = try await Repository.open(
                    on: target, codecs: codecs, logger: context.logger,
                    keys: choice.passphrase.map { .passphrase($0) } ?? .plain)
                return OpenRepository(repository: repository, codec: codec, index: index, packSize: choice.packSize)
            } catch {
                await target.close()
                throw error
            }
        }
    }

    /// Backs VMs up, each into a restore point of its own.
    package func backUp(
        _ machines: [VirtualMachine], from source: any Source, named sourceName: String, to open: OpenRepository,
        options: BackupOptions, progress: @escaping ProgressSink
    ) async throws(EngineError) -> BackupReport {
        var options = options
        options.packSize = open.packSize
        return try await BackupRun(
            repository: open.repository, source: source, sourceName: sourceName, codec: open.codec, index: open.index,
            options: options, leases: leases, progress: progress
        ).run(machines)
    }

    /// Brings restore points back.
    package func restorer(_ open: OpenRepository, progress: @escaping ProgressSink) -> Restorer {
        Restorer(repository: open.repository, index: open.index, leases: leases, progress: progress)
    }

    /// Looks for damage.
    package func check(
        _ open: OpenRepository, _ depth: CheckDepth, progress: @escaping ProgressSink
    ) async throws(EngineError) -> CheckReport {
        try await Verifier(
            repository: open.repository, index: open.index, leases: leases, progress: progress
        ).check(depth)
    }
}

/// A repository as configured.
package struct RepositoryChoice: Sendable {
    package let target: PluginChoice
    /// Around the target, outermost first; nil: those that the target itself asks for.
    package let layers: [PluginChoice]?
    package let codec: PluginChoice
    package let index: PluginChoice
    /// Only used when the repository is made.
    package let chunker: ChunkerChoice
    /// Bytes of a data pack.
    package let packSize: Int
    /// Nil for a repository without encryption.
    package let passphrase: Passphrase?

    package static let defaultChunker = ChunkerChoice(type: ChunkerChoice.content, size: 64 << 10)
    package static let defaultPackSize = 16 << 20

    /// - Throws: `.configuration` when pack size and chunk size cannot work.
    package init(
        target: PluginChoice, layers: [PluginChoice]? = nil, codec: PluginChoice, index: PluginChoice,
        chunker: ChunkerChoice = defaultChunker, packSize: Int = defaultPackSize, passphrase: Passphrase? = nil
    ) throws(EngineError) {
        guard packSize >= 8 << 20, packSize <= RepositoryFormat.packLimit else {
            throw EngineError(.configuration, "the pack size must be from 8 MiB to 256 MiB")
        }
        self.target = target
        self.layers = layers
        self.codec = codec
        self.index = index
        self.chunker = chunker
        self.packSize = packSize
        self.passphrase = passphrase
    }
}

/// A repository in use, with the codec for new chunks and the index in memory.
package struct OpenRepository: Sendable {
    package let repository: Repository
    package let codec: any Codec
    package let index: any DedupIndex
    package let packSize: Int

    package func close() async { await repository.target.close() }
}
