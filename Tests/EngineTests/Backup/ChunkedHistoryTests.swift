import EngineContracts
import Synchronization
import Testing

@testable import Engine

/// How a disk is cut, and how finely its source tells what changed.
struct Cutting: Sendable, CustomTestStringConvertible {
    let chunker: String
    let size: Int
    let grain: UInt64
    let seed: UInt64

    var testDescription: String { "\(chunker) \(size >> 10) KiB, regions of \(grain)" }

    static let all: [Cutting] =
        [("fixed", 4), ("fixed", 64), ("fixed", 1024), ("content", 32), ("content", 64), ("content", 256)]
        .flatMap { chunker, size in
            [512, 4096, 65_536, 1 << 20].map { grain in
                Cutting(chunker: chunker, size: size << 10, grain: grain, seed: UInt64(size) + grain)
            }
        }
}

@Suite("Histories of disks, however they are cut", .plainAndEncrypted)
struct ChunkedHistoryTests {
    private func random(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        let words = (0..<(count + 7) / 8).map { _ in generator.next() }
        return words.withUnsafeBytes { Array($0.prefix(count)) }
    }

    private func disk(_ index: Int, _ size: UInt64) -> GuestDisk {
        GuestDisk(id: "disk-\(index)", address: DiskAddress(bus: "scsi", index: index), size: size)
    }

    /// Writes, zeros, copies of other places, and the odd large stretch.
    private func change(_ disk: inout GuestDisk, _ generation: Int, _ generator: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            let count = Bool.random(using: &generator) ? 512 * Int.random(in: 1...40, using: &generator) : 300_000
            let offset = UInt64.random(in: 0..<(disk.size - UInt64(count)), using: &generator) / 512 * 512
            let other = UInt64.random(in: 0..<(disk.size - UInt64(count)), using: &generator) / 4096 * 4096
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                disk.write(disk.read(ByteRange(start: other, count: UInt64(count))), at: offset, generation: generation)
            case 1: disk.zero(pages: (offset / 4096)..<(offset / 4096 + 20), generation: generation)
            default: disk.write(random(count, &generator), at: offset, generation: generation)
            }
        }
    }

    @Test("every restore point of a random history comes back byte for byte", arguments: Cutting.all)
    func randomHistory(cutting: Cutting) async throws {
        var generator = SeededGenerator(seed: cutting.seed)
        let source = GuestSource([
            disk(0, (9 << 20) + 512 * UInt64.random(in: 0..<9, using: &generator)), disk(1, 3 << 20),
        ])
        source.state.withLock { $0.grain = cutting.grain }
        let test = try await TestRepository(chunker: cutting.chunker, chunkSize: cutting.size)
        var history: [(Manifest, [GuestDisk])] = []
        for step in 0..<7 {
            source.change { disks, generation in
                for position in disks.indices { change(&disks[position], generation, &generator) }
                if step == 4 { disks[1].grow(to: (5 << 20) + 512) }
            }
            var options = BackupOptions()
            options.isFull = Int.random(in: 0..<4, using: &generator) == 0
            let manifest = try await test.manifest(source, options: options)
            #expect(manifest.disks[0].isIncremental == (step > 0 && !options.isFull))
            history.append((manifest, source.state.withLock { $0.disks }))
        }
        for (manifest, disks) in history {
            let restored = try await test.restore(manifest, to: source)
            for (restored, original) in zip(restored, disks) {
                #expect(restored.size == original.size)
                #expect(restored.content == original.content)
            }
        }
        #expect(try await test.check().isClean)
    }

    @Test(
        "an increment cut by content reads and stores the units that changed and no more",
        arguments: [512, 4096, 65_536] as [UInt64])
    func exactIncrement(grain: UInt64) async throws {
        var generator = SeededGenerator(seed: grain)
        var disk = disk(0, 32 << 20)
        disk.write(random(24 << 20, &generator), at: 0, generation: 1)
        let source = GuestSource([disk])
        source.state.withLock { $0.grain = grain }
        let test = try await TestRepository(chunker: ChunkerChoice.content)
        _ = try await test.manifest(source)
        for _ in 0..<4 {
            var changed: [ByteRange] = []
            source.change { disks, generation in
                for _ in 0..<30 {
                    let offset = UInt64.random(in: 0..<(23 << 20), using: &generator)
                    let count = Int.random(in: 1...20_000, using: &generator)
                    disks[0].write(random(count, &generator), at: offset, generation: generation)
                    changed.append(ByteRange(start: offset, count: UInt64(count)))
                }
            }
            let units = source.state.withLock { $0.disks[0].regions(of: changed, grain: max(grain, 4096)) }
            let bytes = units.reduce(0) { $0 + $1.range.count }
            let gaps = UInt64(units.count) * 4 * 4096
            let statistics = try await test.manifest(source).statistics
            #expect(statistics.new <= bytes)
            #expect(statistics.read <= bytes + gaps)
        }
    }

    @Test("a full of an unchanged disk stores nothing, however often it was cut before only what was cut")
    func fullAfterIncrements() async throws {
        var generator = SeededGenerator(seed: 11)
        var disk = disk(0, 16 << 20)
        disk.write(random(12 << 20, &generator), at: 0, generation: 1)
        let source = GuestSource([disk])
        let test = try await TestRepository(chunker: ChunkerChoice.content)
        var full = BackupOptions()
        full.isFull = true
        let first = try await test.manifest(source)
        let again = try await test.manifest(source, options: full)
        #expect(again.statistics.new == 0)
        #expect(again.disks[0].root == first.disks[0].root)
        source.change { disks, generation in
            for place in 0..<10 {
                disks[0].write(random(200_000, &generator), at: UInt64(place) << 20, generation: generation)
            }
        }
        _ = try await test.manifest(source)
        let afterCuts = try await test.manifest(source, options: full)
        #expect(afterCuts.disks[0].isIncremental == false)
        #expect(afterCuts.statistics.new <= 10 * 4 * UInt64(64 << 10) * 2)
        #expect(try await test.manifest(source, options: full).statistics.new == 0)
        let content = source.state.withLock { $0.disks[0].content }
        #expect(try await test.restore(afterCuts, to: source)[0].content == content)
    }

    @Test("data that is reported as changed but is the same is not stored again, also in a full at another size")
    func reportedButSame() async throws {
        var generator = SeededGenerator(seed: 12)
        var disk = disk(0, 16 << 20)
        let data = random(8 << 20, &generator)
        disk.write(data, at: 1 << 20, generation: 1)
        let source = GuestSource([disk])
        let test = try await TestRepository(chunker: ChunkerChoice.content)
        _ = try await test.manifest(source)
        source.change { disks, generation in disks[0].write(data, at: 1 << 20, generation: generation) }
        let same = try await test.manifest(source)
        #expect(same.statistics.changed >= 8 << 20)
        #expect(same.statistics.new == 0)
        source.change { disks, _ in disks[0].grow(to: 3 << 30) }
        let grown = try await test.manifest(source)
        #expect(grown.disks[0].fallback?.contains("size changed") == true)
        #expect(grown.statistics.new == 0)
    }

    @Test("small changes without end leave no leaf in crumbs, and cutting anew stays in proportion")
    func fragmentation() async throws {
        var generator = SeededGenerator(seed: 13)
        var disk = disk(0, 4 << 20)
        disk.write(random(4 << 20, &generator), at: 0, generation: 1)
        let source = GuestSource([disk])
        source.state.withLock { $0.grain = 4096 }
        let test = try await TestRepository(chunker: ChunkerChoice.content)
        _ = try await test.manifest(source)
        var read: UInt64 = 0
        var last: Manifest?
        for _ in 0..<30 {
            source.change { disks, generation in
                for _ in 0..<20 {
                    let unit = UInt64.random(in: 0..<1024, using: &generator)
                    disks[0].write(random(4096, &generator), at: unit * 4096, generation: generation)
                }
            }
            let manifest = try await test.manifest(source)
            read += manifest.statistics.read
            last = manifest
            #expect(try await extents(of: manifest, in: test) <= 2 * 66 + 256)
        }
        #expect(read <= 30 * 20 * 9 * 4096)
        let content = source.state.withLock { $0.disks[0].content }
        #expect(try await test.restore(#require(last), to: source)[0].content == content)
        #expect(try await test.check().isClean)
    }

    private func extents(of manifest: Manifest, in test: TestRepository) async throws -> Int {
        let index = try test.index()
        let repository = try await test.repository()
        _ = try await IndexLoader(repository).load(into: index)
        let trees = TreeReader(blobs: BlobReader(repository, index: index))
        let disk = manifest.disks[0]
        return try await trees.leaf(0, of: disk.root, shape: disk.shape).count
    }

    @Test("a full whose earlier restore point is damaged is made all the same")
    func damagedEarlier() async throws {
        var generator = SeededGenerator(seed: 14)
        var disk = disk(0, 8 << 20)
        disk.write(random(6 << 20, &generator), at: 0, generation: 1)
        let source = GuestSource([disk])
        let test = try await TestRepository(chunker: ChunkerChoice.content)
        _ = try await test.manifest(source)
        for prefix in [ObjectLayout.packs + "m/", ObjectLayout.index] {
            for object in try await test.target.list(prefix: prefix) { try await test.target.delete(object.key) }
        }
        var full = BackupOptions()
        full.isFull = true
        let manifest = try await test.manifest(source, options: full)
        #expect(manifest.statistics.new == 0)
        #expect(try await test.restore(manifest, to: source)[0].content == disk.content)
    }
}
