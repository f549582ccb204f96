import EngineContracts
import Synchronization
import Testing

@testable import Engine

@Suite("Copy")
struct CopyTests {
    @Test("restore points come over as they were; a second copy does nothing", arguments: CopyPairing.allCases)
    func whole(pairing: CopyPairing) async throws {
        let scene = try await CopyScene(pairing)
        let before = scene.content
        let first = try await scene.source.manifest(scene.guest)
        scene.write(100_000, at: 5 << 20, seed: 2)
        scene.guest.change { disks, generation in disks[0].zero(pages: 102_400..<102_420, generation: generation) }
        let second = try await scene.source.manifest(scene.guest)
        let report = try await scene.copy()
        #expect(report.copied.map(\.id) == [first.id, second.id] && report.failed.isEmpty)
        #expect(report.amount.raw >= 2 << 20)
        for (manifest, content) in [(first, before), (second, scene.content)] {
            let there = try await scene.there(manifest)
            #expect(there.created == manifest.created && there.sequence == manifest.sequence)
            #expect(there.reference == manifest.reference && there.statistics == manifest.statistics)
            #expect(there.disks.map(\.root?.usedBytes) == manifest.disks.map(\.root?.usedBytes))
            #expect(try await scene.restored(manifest) == content)
        }
        let check = try await scene.destination.check()
        #expect(check.isClean, "\(check.damages)")
        #expect(scene.destination.keys(ObjectLayout.sessions).isEmpty)
        #expect(scene.source.keys(ObjectLayout.sessions).isEmpty)

        let keys = scene.destination.store.keys
        let again = try await scene.copy()
        #expect(again.points.isEmpty && again.present == 2 && again.amount == CopyAmount())
        #expect(scene.destination.store.keys == keys)
    }

    @Test("between repositories in clear blobs move as stored, whatever the destination's codec, and roots stay")
    func asStored() async throws {
        let scene = try await CopyScene()
        let manifest = try await scene.source.manifest(scene.guest, codec: "lz4")
        let report = try await scene.copy(codec: "zstd")
        #expect(report.amount.encoded == 0 && report.amount.moved > 30)
        let there = try await scene.there(manifest)
        #expect(there.disks.map(\.root) == manifest.disks.map(\.root))
        #expect(there.configuration == manifest.configuration)
        let (mine, theirs) = (try CopyScene.blobs(scene.source), try CopyScene.blobs(scene.destination))
        #expect(Set(mine.keys) == Set(theirs.keys))
        for (id, entry) in mine {
            #expect(theirs[id]?.checksum == entry.checksum && theirs[id]?.codec == entry.codec)
        }
        #expect(Set(mine.values.map(\.codec)).contains(CodecID.lz4))
    }

    @Test("what is encoded anew gets the destination's codec", arguments: [CopyPairing.toEncrypted, .fromEncrypted])
    func codec(pairing: CopyPairing) async throws {
        let scene = try await CopyScene(pairing)
        _ = try await scene.source.manifest(scene.guest, codec: "lz4")
        let report = try await scene.copy(codec: "zstd")
        #expect(report.amount.moved == 0 && report.amount.encoded > 30)
        let codecs = try Set(CopyScene.blobs(scene.destination).values.map(\.codec))
        #expect(codecs.contains(CodecID.zstd) && !codecs.contains(CodecID.lz4))
    }

    @Test("an increment reads and moves about what changed", arguments: CopyPairing.allCases)
    func increment(pairing: CopyPairing) async throws {
        let scene = try await CopyScene(pairing, bytes: 8 << 20)
        _ = try await scene.source.manifest(scene.guest)
        _ = try await scene.copy()
        scene.write(65_536, at: 4 << 20, seed: 3)
        let second = try await scene.source.manifest(scene.guest)
        let report = try await scene.copy()
        #expect(report.copied.map(\.id) == [second.id])
        #expect(report.amount.bytes < 150_000 && report.amount.read < 300_000, "\(report.amount)")
        #expect(try await scene.restored(second) == scene.content)
        #expect(try await scene.destination.check().isClean)
    }

    @Test("many increments at once: each moves about what changed", arguments: [CopyPairing.bothPlain, .bothEncrypted])
    func chain(pairing: CopyPairing) async throws {
        let scene = try await CopyScene(pairing, chunker: ChunkerChoice.content, bytes: 4 << 20)
        var made: [(Manifest, [UInt64: [UInt8]])] = []
        for day in 0..<6 {
            made.append((try await scene.source.manifest(scene.guest), scene.content))
            scene.write(20_000, at: UInt64(3 + day) << 20, seed: UInt64(day + 10))
        }
        let report = try await scene.copy()
        #expect(report.copied.map(\.id) == made.map(\.0.id))
        for point in report.copied.dropFirst() {
            let amount = try point.result.get()
            #expect(amount.bytes < 60_000 && amount.read < 600_000, "\(amount)")
        }
        for (manifest, content) in made { #expect(try await scene.restored(manifest) == content) }
        #expect(try await scene.destination.check().isClean)
    }

    @Test("what another VM has already is not moved again", arguments: CopyPairing.allCases)
    func dedup(pairing: CopyPairing) async throws {
        let scene = try await CopyScene(pairing)
        _ = try await scene.source.manifest(scene.guest)
        let other = CopyScene.guest(2 << 20, vm: "vm-2")
        let second = try await scene.source.manifest(other)
        let report = try await scene.copy()
        let amounts = try report.copied.map { try $0.result.get() }
        #expect(amounts.count == 2 && amounts[0].bytes > 2 << 20 && amounts[1].bytes == 0)
        #expect(amounts[1].read == 0)
        #expect(try await scene.restored(second, to: other) == CopyScene.content(other))
    }

    @Test("a disk that grew, one that is all zero and one that was emptied come over")
    func shapes() async throws {
        let scene = try await CopyScene(.toEncrypted)
        let empty = GuestDisk(id: "disk-1", address: DiskAddress(bus: "scsi", index: 1), size: 1 << 20)
        scene.guest.change { disks, _ in disks.append(empty) }
        _ = try await scene.source.manifest(scene.guest)
        _ = try await scene.copy()
        scene.guest.change { disks, generation in
            disks[0].grow(to: 2 << 30)
            disks[1].write([1, 2, 3], at: 0, generation: generation)
        }
        let second = try await scene.source.manifest(scene.guest)
        #expect(try await scene.restored(try await copied(second, scene)) == scene.content)
        scene.guest.change { disks, generation in disks[0].zero(pages: 0..<524_288, generation: generation) }
        let third = try await scene.source.manifest(scene.guest)
        let there = try await scene.there(try await copied(third, scene))
        #expect(there.disks[0].root == nil && there.disks[1].root != nil)
        #expect(try await scene.destination.check().isClean)
    }

    private func copied(_ manifest: Manifest, _ scene: CopyScene) async throws -> Manifest {
        #expect(try await scene.copy().copied.map(\.id) == [manifest.id])
        return manifest
    }

    @Test("a backup into the destination goes on incrementally after a copy", arguments: CopyPairing.allCases)
    func backupAfterwards(pairing: CopyPairing) async throws {
        let scene = try await CopyScene(pairing, bytes: 4 << 20)
        let first = try await scene.source.manifest(scene.guest)
        _ = try await scene.copy()
        scene.write(50_000, at: 4 << 20, seed: 5)
        let next = try await scene.destination.manifest(scene.guest)
        #expect(next.disks[0].isIncremental && next.sequence == (first.sequence ?? 0) + 1)
        #expect(next.statistics.new < 200_000)
        #expect(try await scene.destination.restore(next, to: scene.guest)[0].content == scene.content)
    }

    @Test("a dry run writes nothing and says what a copy then moves", arguments: CopyPairing.allCases)
    func dryRun(pairing: CopyPairing) async throws {
        let scene = try await CopyScene(pairing)
        _ = try await scene.source.manifest(scene.guest)
        scene.write(65_536, at: 4 << 20, seed: 3)
        _ = try await scene.source.manifest(scene.guest)
        let keys = (scene.source.store.keys, scene.destination.store.keys)
        let plan = try await scene.plan()
        #expect((scene.source.store.keys, scene.destination.store.keys) == keys)
        let done = try await scene.copy()
        #expect(plan.points.map(\.id) == done.points.map(\.id))
        let (expected, moved) = (plan.amount.bytes, done.amount.bytes)
        if pairing == .bothPlain {
            #expect(expected == moved)
        } else {
            #expect(expected >= moved * 9 / 10 && expected <= moved * 12 / 10, "\(expected) \(moved)")
        }
        #expect(try await scene.plan().points.isEmpty)
    }

    @Test("only what is newer comes over where that is asked for")
    func onlyNewer() async throws {
        let scene = try await CopyScene()
        let first = try await scene.source.manifest(scene.guest)
        let second = try await scene.source.manifest(scene.guest)
        _ = try await scene.run().run(scene.source.repository().restorePoints().filter { $0.id == second.id })
        let third = try await scene.source.manifest(scene.guest)
        var options = CopyOptions()
        options.isOnlyNewer = true
        let report = try await scene.copy(options)
        #expect(report.copied.map(\.id) == [third.id] && report.older == 1 && report.present == 1)
        #expect(try await scene.copy().copied.map(\.id) == [first.id])
    }

    @Test("parity is written where the destination wants it")
    func parity() async throws {
        let scene = try await CopyScene()
        _ = try await scene.source.manifest(scene.guest)
        var options = CopyOptions()
        options.hasParity = true
        _ = try await scene.copy(options)
        let packs = scene.destination.keys(ObjectLayout.packs).count
        #expect(packs > 0 && scene.destination.keys(ObjectLayout.parity).count == packs)
    }

    @Test("what was copied is checked, and damage of the destination found")
    func verification() async throws {
        let scene = try await CopyScene(.toEncrypted)
        let manifest = try await scene.source.manifest(scene.guest)
        _ = try await scene.copy()
        func check() async throws -> CheckReport {
            try await PointVerifier(
                repository: scene.destination.repository(), index: scene.destination.index(),
                leases: scene.destination.leases, progress: { _ in }
            ).check([manifest.id])
        }
        let clean = try await check()
        #expect(clean.isClean && clean.restorePoints == 1 && clean.packsRead == scene.destination.keys("packs/").count)
        let pack = try #require(scene.destination.keys("packs/d/").first)
        var bytes = try #require(scene.destination.store[pack])
        bytes[200] ^= 1
        scene.destination.store[pack] = bytes
        let damaged = try await check()
        #expect(damaged.damagedPoints == [manifest.id])
    }

    @Test("bytes of distinct blobs are counted exactly while they are few, and nearly when they are many")
    func distinct() {
        let few = DistinctBytes(limit: 100)
        let many = DistinctBytes(limit: 1000)
        for number in 0..<50_000 {
            let id = Digest.sha256(Array("\(number)".utf8).span.bytes)
            if few.total < 5000 {
                few.add(id, 100)
                few.add(id, 100)
            }
            many.add(id, 100)
        }
        #expect(few.total == 5000)
        #expect(many.total > 4_000_000 && many.total < 6_000_000)
    }
}
