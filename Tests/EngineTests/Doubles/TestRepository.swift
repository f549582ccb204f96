import Codecs
import EngineContracts
import Logging
import Synchronization

@testable import Engine

/// A repository in memory and everything to back up to it and restore from it, made fresh for one test.
struct TestRepository {
    let target: MemoryTarget
    /// What the target keeps its objects in.
    let store = MemoryStore()
    let context: PluginContext
    private let folder = ScratchFolder()
    /// Nil without encryption.
    let passphrase: Passphrase?

    /// Taken by the repositories that are made from here on: see `EachProtection`.
    @TaskLocal static var usualPassphrase: String?
    /// As little as a slot may ask for.
    static let cheap = KeyDerivation.Cost(rounds: 1 << 10, blockSize: 1, parallelism: 1)

    init(chunker: String = ChunkerChoice.fixed, chunkSize: Int = 64 << 10) async throws {
        context = PluginContext(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        target = MemoryTarget(store)
        passphrase = try Self.usualPassphrase.map { text throws(EngineError) in try Passphrase(text) }
        try await target.open()
        try await Repository.create(
            on: target, chunker: ChunkerChoice(type: chunker, size: chunkSize),
            key: passphrase.map { FirstKey($0, cost: Self.cheap) })
    }

    /// Folder of the proxy's run leases.
    var leases: String { folder.path }

    func repository() async throws -> Repository {
        try await Repository.open(
            on: target, codecs: CodecSet(.builtin, in: context, parity: ReedSolomon()), logger: context.logger,
            keys: passphrase.map { .passphrase($0) } ?? .plain)
    }

    func codec(_ name: String = "zstd") throws -> any Codec {
        try Registry<any Codec>.builtin.make(PluginChoice(type: name, settings: .empty(at: "test")), in: context)
    }

    func index() throws -> any DedupIndex { try MemoryIndex(NoSettings(), in: context) }

    func backUp(_ source: GuestSource, options: BackupOptions = BackupOptions(), codec: String = "zstd") async throws
        -> BackupReport
    {
        try await BackupRun(
            repository: repository(), source: source, sourceName: "guest", codec: self.codec(codec), index: index(),
            options: options, leases: leases, progress: { _ in }
        ).run([source.vm])
    }

    /// Backs up and expects it to succeed.
    func manifest(_ source: GuestSource, options: BackupOptions = BackupOptions(), codec: String = "zstd")
        async throws -> Manifest
    {
        try await backUp(source, options: options, codec: codec).machines[0].result.get()
    }

    func restore(_ manifest: Manifest, to source: GuestSource) async throws -> [GuestDisk] {
        let restorer = Restorer(
            repository: try await repository(), index: try index(), leases: leases, progress: { _ in })
        _ = try await restorer.restoreVM(manifest, Restorer.VMChoices(), to: source)
        return source.state.withLock { $0.restored.last ?? [] }
    }

    func check(percent: Double? = 100) async throws -> CheckReport {
        try await Verifier(repository: repository(), index: index(), progress: { _ in })
            .check(percent.map { .deep(percent: $0) } ?? .structure)
    }
}
