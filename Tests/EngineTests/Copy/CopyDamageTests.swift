import EngineContracts
import Synchronization
import Testing

@testable import Engine

/// What a copy does about damage at either side.
@Suite("Copy and damage")
struct CopyDamageTests {
    /// The pack and the row of the chunk that holds the byte `offset` of the disk.
    private func chunk(
        _ offset: UInt64, of manifest: Manifest, in test: TestRepository
    ) async throws -> (key: ObjectKey, entry: PackEntry) {
        let repository = try await test.repository()
        let index = try test.index()
        _ = try await IndexLoader(repository).load(into: index)
        let trees = TreeReader(blobs: BlobReader(repository, index: index))
        let disk = manifest.disks[0]
        let span = UInt64(RepositoryFormat.leafSpan)
        let extents = try await trees.leaf(offset / span, of: disk.root, shape: disk.shape)
        let unit = Int(offset % span) / RepositoryFormat.unit
        let extent = try #require(extents.first { $0.start <= unit && unit < $0.end })
        return try place(of: extent.chunk, in: test, index)
    }

    private func place(
        of id: Digest, in test: TestRepository, _ index: any DedupIndex
    ) throws -> (key: ObjectKey, entry: PackEntry) {
        let location = try #require(index.location(of: id))
        let key = ObjectLayout.pack(location.pack, location.kind)
        let bytes = try #require(test.store[key])
        let table = try PackTable(whole: bytes.span.bytes, id: location.pack, kind: location.kind)
        return (key, try #require(table.entries.first { $0.id == id }))
    }

    private func turn(_ key: ObjectKey, _ offset: Int, in test: TestRepository) throws {
        var bytes = try #require(test.store[key])
        bytes[offset] ^= 1
        test.store[key] = bytes
    }

    @Test(
        "a damaged chunk of the source fails the restore points that need it, by object, disk and bytes; others go on",
        arguments: CopyPairing.allCases)
    func damagedChunk(pairing: CopyPairing) async throws {
        let scene = try await CopyScene(pairing)
        let first = try await scene.source.manifest(scene.guest)
        let content = scene.content
        scene.write(65_536, at: 4 << 20, seed: 3)
        let second = try await scene.source.manifest(scene.guest)
        let other = CopyScene.guest(1 << 20, vm: "vm-2", seed: 9)
        let third = try await scene.source.manifest(other)
        let (key, entry) = try await chunk(4 << 20, of: second, in: scene.source)
        try turn(key, Int(entry.offset) + PackLayout.blobHeaderCount + 50, in: scene.source)

        let report = try await scene.copy()
        #expect(Set(report.copied.map(\.id)) == [first.id, third.id])
        let failed = try #require(report.failed.first)
        #expect(failed.id == second.id && report.failed.count == 1)
        let damage = try #require(failed.damages.first)
        #expect(damage.object == key.text && damage.disk == "scsi.0")
        #expect(damage.start == 4 << 20 && damage.end == (4 << 20) + 65_536)
        guard case .failure(let error) = failed.result else { return }
        #expect(error.kind == .corrupt && error.description.contains(key.text))
        #expect(try await scene.restored(first) == content)
        #expect(try await scene.restored(third, to: other) == CopyScene.content(other))
        #expect(try await scene.destination.check().isClean)

        try turn(key, Int(entry.offset) + PackLayout.blobHeaderCount + 50, in: scene.source)
        #expect(try await scene.copy().copied.map(\.id) == [second.id])
        #expect(try await scene.restored(second) == scene.content)
    }

    @Test("a leaf, a VM configuration and a manifest that are damaged are named", arguments: [0, 1, 2])
    func damagedMetadata(which: Int) async throws {
        let scene = try await CopyScene()
        let manifest = try await scene.source.manifest(scene.guest)
        let index = try scene.source.index()
        let repository = try await scene.source.repository()
        _ = try await IndexLoader(repository).load(into: index)
        let key: ObjectKey
        if which == 2 {
            key = try #require(scene.source.keys(ObjectLayout.manifests).first)
            try turn(key, 200, in: scene.source)
        } else {
            let root = try #require(manifest.disks[0].root)
            let trees = TreeReader(blobs: BlobReader(repository, index: index))
            let leaf = try #require(
                try await trees.reference(toNode: 100, level: 0, of: root, shape: manifest.disks[0].shape))
            let found = try place(of: which == 0 ? leaf.id : manifest.configuration, in: scene.source, index)
            key = found.key
            try turn(key, Int(found.entry.offset) + PackLayout.blobHeaderCount + 5, in: scene.source)
        }
        let report = try await scene.copy()
        let failed = try #require(report.failed.first)
        #expect(failed.id == manifest.id && failed.damages.first?.object == key.text, "\(failed)")
        #expect(failed.damages.first?.start == (which == 0 ? 400 << 20 : nil))
        #expect(try await scene.destination.repository().restorePoints().isEmpty)
    }

    @Test("a pack that is missing fails what needs it", arguments: [CopyPairing.bothPlain, .bothEncrypted])
    func missingPack(pairing: CopyPairing) async throws {
        let scene = try await CopyScene(pairing)
        _ = try await scene.source.manifest(scene.guest)
        let pack = try #require(scene.source.keys("packs/d/").first)
        scene.source.store[pack] = nil
        let report = try await scene.copy()
        #expect(report.copied.isEmpty && report.failed.first?.damages.first?.object == pack.text)
        #expect(try await scene.destination.repository().restorePoints().isEmpty)
    }

    @Test("damage that parity makes good does not keep a restore point, and nothing damaged comes over")
    func healedByParity() async throws {
        for pairing in [CopyPairing.bothPlain, .toEncrypted] {
            let scene = try await CopyScene(pairing)
            let manifest = try await scene.source.manifest(scene.guest, options: DamagedRepository.options(true))
            let (key, entry) = try await chunk(4 << 20, of: manifest, in: scene.source)
            try turn(key, Int(entry.offset) + PackLayout.blobHeaderCount + 50, in: scene.source)
            let report = try await scene.copy()
            #expect(report.copied.map(\.id) == [manifest.id])
            #expect(try await scene.restored(manifest) == scene.content)
            #expect(try await scene.destination.check().isClean)
        }
    }

    @Test("a table that is damaged costs nothing as long as the index knows the blobs")
    func damagedTable() async throws {
        let scene = try await CopyScene()
        let manifest = try await scene.source.manifest(scene.guest)
        let pack = try #require(scene.source.keys("packs/d/").first)
        try turn(pack, (scene.source.store[pack]?.count ?? 0) - 100, in: scene.source)
        #expect(try await scene.copy().copied.map(\.id) == [manifest.id])
        #expect(try await scene.restored(manifest) == scene.content)
        #expect(try await scene.destination.check().isClean)
    }

    @Test("what the destination has lost comes over again with the next restore point, and heals the older ones")
    func heals() async throws {
        for pairing in [CopyPairing.bothPlain, .bothEncrypted] {
            let scene = try await CopyScene(pairing)
            let first = try await scene.source.manifest(scene.guest)
            let content = scene.content
            _ = try await scene.copy()
            let (key, entry) = try await chunk(4 << 20, of: scene.there(first), in: scene.destination)
            try turn(key, Int(entry.offset) + PackLayout.blobHeaderCount + 50, in: scene.destination)
            _ = try await Repairer(
                repository: scene.destination.repository(), index: scene.destination.index(),
                leases: scene.destination.leases, packSize: 16 << 20, hasParity: false, progress: { _ in }
            ).repair(isDryRun: false)
            scene.write(20_000, at: 100 << 20, seed: 4)
            let second = try await scene.source.manifest(scene.guest)
            #expect(try await scene.copy().copied.map(\.id) == [second.id])
            #expect(try await scene.restored(second) == scene.content)
            #expect(try await scene.restored(first) == content)
            #expect(try await scene.destination.check().isClean)
        }
    }

    @Test("a map at the destination that cannot be read is compared with no longer, and written anew")
    func brokenBase() async throws {
        for pairing in [CopyPairing.bothPlain, .bothEncrypted] {
            let scene = try await CopyScene(pairing)
            let first = try await scene.source.manifest(scene.guest)
            _ = try await scene.copy()
            let there = try await scene.there(first)
            let index = try scene.destination.index()
            _ = try await IndexLoader(scene.destination.repository()).load(into: index)
            let root = try #require(there.disks[0].root)
            let (key, entry) = try place(of: root.id, in: scene.destination, index)
            try turn(key, Int(entry.offset) + PackLayout.blobHeaderCount + 5, in: scene.destination)
            scene.write(20_000, at: 4 << 20, seed: 4)
            let second = try await scene.source.manifest(scene.guest)
            let report = try await scene.copy()
            #expect(report.copied.map(\.id) == [second.id])
            #expect(report.amount.bytes < 200_000)
            #expect(try await scene.restored(second) == scene.content)
        }
    }
}
