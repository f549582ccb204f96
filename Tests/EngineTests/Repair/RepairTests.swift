import EngineContracts
import Synchronization
import Testing

@testable import Engine

@Suite("Repair", .plainAndEncrypted)
struct RepairTests {
    /// Turns over one byte in the stored bytes of some blobs of a pack.
    private func harm(_ key: ObjectKey, blobs: some Sequence<Int>, in scene: DamagedRepository) throws {
        let entries = try scene.table(key)
        try scene.change(key) { bytes in
            for number in blobs { bytes[Int(entries[number].offset) + PackLayout.blobHeaderCount + 3] ^= 1 }
        }
    }

    @Test("lost chunks are named exactly, marked, healed by the next backup, and clean in every restore point after it")
    func healing() async throws {
        let scene = try await DamagedRepository()
        let pack = scene.dataPack
        // Chunks 4 and 5 of the first restore point, at 1 MiB + 4 × 64 KiB; the second changed none of them.
        try harm(pack, blobs: [4, 5], in: scene)
        let found = try await scene.check()
        let damage = try #require(found.damages.first)
        #expect(found.damages.map(\.object) == [pack.text])
        #expect(damage.blobs == 2)
        #expect(damage.copies == 0)
        let start: UInt64 = 1 << 20 + 4 << 16
        #expect(damage.hits.map(\.point) == scene.points.map(\.id))
        #expect(damage.hits.allSatisfy { $0.disk == "scsi.0" && $0.start == start && $0.end == start + 2 << 16 })
        #expect(try await scene.scrub().damages.map(\.object) == [pack.text])

        let planned = try await scene.repair(isDryRun: true)
        let repaired = try await scene.repair()
        #expect(planned.packs.map(\.lost) == [2])
        #expect(repaired.packs.map(\.lost) == [2])
        #expect(repaired.packs.map(\.salvaged) == planned.packs.map(\.salvaged))
        #expect(repaired.damagedPoints == Set(scene.points.map(\.id)))
        #expect(scene.test.store[pack] != nil)

        let read = scene.source.state.withLock { $0.bytesRead }
        let healed = try await scene.test.manifest(scene.source)
        #expect(healed.disks[0].isIncremental)
        #expect(scene.source.state.withLock { $0.bytesRead } - read == 2 << 16)
        let after = try await scene.check()
        #expect(after.isClean, "\(after.damages)")
        #expect(after.settled.map(\.object) == [pack.text])
        for point in [scene.points[1], healed] { #expect(try await scene.restored(point) == scene.content) }
    }

    @Test("a second repair changes nothing")
    func idempotent() async throws {
        let scene = try await DamagedRepository()
        try harm(scene.dataPack, blobs: [1], in: scene)
        _ = try await scene.repair()
        let keys = scene.test.store.keys
        let again = try await scene.repair()
        #expect(again.packs.map(\.salvaged) == [0])
        #expect(again.packs.map(\.lost) == [1])
        #expect(again.marked == 0)
        #expect(scene.test.store.keys == keys)
    }

    @Test("a dry run changes nothing")
    func dryRun() async throws {
        let scene = try await DamagedRepository(hasParity: true)
        try harm(scene.dataPack, blobs: [1], in: scene)
        let keys = scene.test.store.keys
        let report = try await scene.repair(isDryRun: true, hasParity: true)
        #expect(report.packs.map(\.byParity) == [1])
        #expect(report.isWhole)
        #expect(scene.test.store.keys == keys)
    }

    @Test("parity repairs on read, and a repair makes it last: nothing is lost, nothing is read from the source")
    func parity() async throws {
        let scene = try await DamagedRepository(hasParity: true)
        let pack = scene.dataPack
        try scene.change(pack) { bytes in
            let start = bytes.count / 2
            bytes.replaceSubrange(start..<(start + bytes.count / 40), with: repeatElement(0, count: bytes.count / 40))
        }
        #expect(try await scene.restored(scene.points[1]) == scene.content)
        for found in [try await scene.check(), try await scene.scrub()] {
            #expect(found.damages.map(\.object) == [pack.text])
            #expect(found.damages.allSatisfy { $0.isHealable && $0.hits.isEmpty })
        }
        let report = try await scene.repair(hasParity: true)
        #expect(report.isWhole, "\(report.remaining)")
        #expect((report.packs.first?.byParity ?? 0) > 0)
        let after = try await scene.check()
        #expect(after.isClean, "\(after.damages)")
        scene.test.store[pack] = nil
        #expect(try await scene.restored(scene.points[1]) == scene.content)
    }

    @Test("damaged tree nodes and configurations are read from parity by backups and checks")
    func metadataParity() async throws {
        let scene = try await DamagedRepository(hasParity: true)
        for pack in scene.keys("packs/m/") {
            let intact = scene.test.store[pack]
            try harm(pack, blobs: [0], in: scene)
            #expect(try await scene.restored(scene.points[1]) == scene.content)
            let manifest = try await scene.test.manifest(scene.source)
            #expect(manifest.disks[0].isIncremental)
            #expect(try await scene.check(.structure).damagedPoints == [])
            scene.test.store[pack] = intact
        }
    }

    @Test("a damaged node of the parent makes the next backup read everything and write the node anew")
    func damagedNode() async throws {
        let scene = try await DamagedRepository()
        for pack in scene.keys("packs/m/") {
            try harm(pack, blobs: try scene.table(pack).indices, in: scene)
        }
        #expect(try await scene.check().damagedPoints == Set(scene.points.map(\.id)))
        scene.source.change { $0[0].write([1], at: 5000, generation: $1) }
        let manifest = try await scene.test.manifest(scene.source)
        #expect(manifest.disks[0].fallback != nil)
        #expect(try await scene.restored(manifest) == scene.content)
        let after = try await scene.check()
        #expect(!after.damagedPoints.contains(manifest.id), "\(after.damages)")
    }

    @Test("a chunk with a good copy in another pack is not lost, and read from there")
    func otherCopy() async throws {
        let scene = try await DamagedRepository()
        let pack = scene.dataPack
        let (id, kind) = try #require(ObjectLayout.parsePack(pack))
        let bytes = try #require(scene.test.store[pack])
        var generator = SystemRandomNumberGenerator()
        var copy = PackBuilder(
            id: .random(using: &generator), kind: kind, buffer: Buffer(capacity: bytes.count + 1000))
        for entry in try scene.table(pack) {
            copy.append(copyOf: entry, bytes.span.bytes.extracting(entry.location(in: id, kind).fetchRange))
        }
        copy.finish()
        try await scene.test.target.put(ObjectLayout.pack(copy.id, kind), copy.buffer)
        try harm(pack, blobs: [0, 3, 7], in: scene)
        let report = try await scene.check()
        #expect(report.damages.map(\.blobs) == [3])
        #expect(report.damages.map(\.copies) == [3])
        #expect(report.damagedPoints == [])
        #expect(try await scene.restored(scene.points[1]) == scene.content)
        let repaired = try await scene.repair()
        #expect(repaired.isWhole)
        #expect(repaired.packs.map(\.elsewhere) == [3])
        #expect(try await scene.check().isClean)
    }

    @Test("a pack without its table and without an index is walked by its blobs' headers")
    func lostTable() async throws {
        let scene = try await DamagedRepository()
        for key in scene.keys("index/") { scene.test.store[key] = nil }
        let pack = scene.dataPack
        let count = try scene.table(pack).count
        try scene.change(pack) { bytes in bytes[bytes.count - 20] ^= 1 }
        let report = try await scene.repair()
        // Encrypted blobs cannot be told without their ids, which the table and the index alone have.
        guard TestRepository.usualPassphrase == nil else {
            #expect(report.damagedPoints == Set(scene.points.map(\.id)))
            return
        }
        #expect(report.packs.map(\.salvaged) == [count])
        #expect(report.isWhole)
        #expect(try await scene.check().isClean)
        #expect(try await scene.restored(scene.points[1]) == scene.content)
    }

    @Test("damaged index runs are made anew from the packs' tables")
    func indexRuns() async throws {
        let scene = try await DamagedRepository()
        let runs = scene.keys("index/")
        for run in runs { try scene.change(run) { $0[$0.count / 2] ^= 1 } }
        #expect(try await scene.check().damages.count == runs.count)
        let report = try await scene.repair()
        #expect(report.isWhole)
        #expect(Set(report.rebuilt) == Set(runs.map(\.text)))
        #expect(Set(scene.keys("index/")).isDisjoint(with: runs))
        #expect(!scene.keys("index/").isEmpty)
        #expect(try await scene.check().isClean)
    }

    @Test("a missing pack is marked; a full backup stores anew what it held, and marks go when nobody needs them")
    func missingPack() async throws {
        let scene = try await DamagedRepository()
        let pack = scene.dataPack
        scene.test.store[pack] = nil
        #expect(try await scene.check(.structure).damages.map(\.object) == [pack.text])
        let report = try await scene.repair()
        #expect(report.packs.map(\.object) == [pack.text])
        #expect(report.damagedPoints == Set(scene.points.map(\.id)))
        let manifest = try await scene.test.manifest(scene.source)
        #expect(try await scene.restored(manifest) == scene.content)
        #expect(!(try await scene.check().damagedPoints.contains(manifest.id)))
    }

    @Test("packs without parity get it when it is asked for")
    func lateParity() async throws {
        let scene = try await DamagedRepository()
        let packs = scene.keys("packs/").count
        #expect(try await scene.repair(hasParity: true).parityWritten == packs)
        #expect(scene.keys("parity/").count == packs)
        try harm(scene.dataPack, blobs: [2], in: scene)
        #expect(try await scene.restored(scene.points[1]) == scene.content)
    }

    @Test("content-defined chunks heal as those on a grid do")
    func contentChunks() async throws {
        let scene = try await DamagedRepository(chunker: ChunkerChoice.content)
        try harm(scene.dataPack, blobs: [3, 4], in: scene)
        #expect(try await scene.repair().packs.map(\.lost) == [2])
        _ = try await scene.test.manifest(scene.source)
        let after = try await scene.check()
        #expect(after.isClean, "\(after.damages)")
    }
}
