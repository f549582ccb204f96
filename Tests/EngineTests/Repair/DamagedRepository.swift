import EngineContracts
import Synchronization
import Testing

@testable import Engine

/// A repository with an object of every kind, and ways to harm it.
struct DamagedRepository {
    let test: TestRepository
    let source: GuestSource
    /// Oldest first.
    var points: [Manifest] = []

    /// Two restore points of a disk of 6 MiB, of which `bytes` are random.
    init(
        hasParity: Bool = false, chunker: String = ChunkerChoice.fixed, bytes: Int = 1 << 20
    ) async throws {
        test = try await TestRepository(chunker: chunker)
        var disk = GuestDisk(id: "disk-0", address: DiskAddress(bus: "scsi", index: 0), size: 6 << 20)
        disk.write(SampleBytes.random(bytes, seed: 1), at: 1 << 20, generation: 1)
        source = GuestSource([disk])
        points.append(try await test.manifest(source, options: Self.options(hasParity)))
        source.change { $0[0].write(SampleBytes.random(100_000, seed: 2), at: 7 << 18, generation: $1) }
        points.append(try await test.manifest(source, options: Self.options(hasParity)))
    }

    static func options(_ hasParity: Bool) -> BackupOptions {
        var options = BackupOptions()
        options.hasParity = hasParity
        return options
    }

    var content: [UInt64: [UInt8]] { source.state.withLock { $0.disks[0].content } }

    func keys(_ prefix: String) -> [ObjectKey] { test.store.keys.filter { $0.text.hasPrefix(prefix) } }

    /// The largest data pack: that of the first restore point.
    var dataPack: ObjectKey {
        keys("packs/d/").max { (test.store[$0]?.count ?? 0) < (test.store[$1]?.count ?? 0) }
            ?? ObjectLayout.configuration
    }

    func change(_ key: ObjectKey, _ body: (inout [UInt8]) -> Void) throws {
        var bytes = try #require(test.store[key])
        body(&bytes)
        test.store[key] = bytes
    }

    /// The table of a pack that is intact.
    func table(_ key: ObjectKey) throws -> [PackEntry] {
        let (id, kind) = try #require(ObjectLayout.parsePack(key))
        let bytes = try #require(test.store[key])
        return try PackTable(whole: bytes.span.bytes, id: id, kind: kind).entries
    }

    func repair(isDryRun: Bool = false, hasParity: Bool = false) async throws -> RepairReport {
        try await Repairer(
            repository: test.repository(), index: test.index(), leases: test.leases, packSize: 16 << 20,
            hasParity: hasParity, progress: { _ in }
        ).repair(isDryRun: isDryRun)
    }

    func check(_ depth: CheckDepth = .deep(percent: 100)) async throws -> CheckReport {
        try await Verifier(
            repository: test.repository(), index: test.index(), leases: test.leases, progress: { _ in }
        ).check(depth)
    }

    /// A check that has no keys.
    func scrub() async throws -> CheckReport {
        let repository = try await Repository.open(
            on: test.target, codecs: test.repository().codecs, logger: test.context.logger, keys: .none)
        return try await Verifier(repository: repository, index: test.index(), progress: { _ in }).check(.scrub)
    }

    func restored(_ manifest: Manifest) async throws -> [UInt64: [UInt8]] {
        try await test.restore(manifest, to: source)[0].content
    }
}
