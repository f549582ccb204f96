import EngineContracts
import Synchronization
import Testing

@testable import Engine

@Suite("Backup and restore", .plainAndEncrypted)
struct BackupAndRestoreTests {
    private func disk(_ index: Int, _ size: UInt64) -> GuestDisk {
        GuestDisk(id: "disk-\(index)", address: DiskAddress(bus: "scsi", index: index), size: size)
    }

    private func random(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        let words = (0..<(count + 7) / 8).map { _ in generator.next() }
        return words.withUnsafeBytes { Array($0.prefix(count)) }
    }

    @Test(
        "a disk comes back equal, whatever its size",
        arguments: [512, 4096, 65_536, 65_536 + 512, 1 << 20, (1 << 20) + 1536, (4 << 20) + 512, (9 << 20) + 4096]
            as [UInt64])
    func sizes(size: UInt64) async throws {
        var generator = SeededGenerator(seed: size)
        var disk = disk(0, size)
        disk.write(random(Int(size), &generator), at: 0, generation: 1)
        let source = GuestSource([disk])
        let test = try await TestRepository()
        let restored = try await test.restore(try await test.manifest(source), to: source)
        #expect(restored[0].size == size)
        #expect(restored[0].content == disk.content)
        #expect(try await test.check().isClean)
    }

    @Test("an empty disk costs no chunk and comes back empty")
    func emptyDisk() async throws {
        let source = GuestSource([disk(0, 8 << 20)])
        let test = try await TestRepository()
        let manifest = try await test.manifest(source)
        #expect(manifest.disks[0].root == nil)
        #expect(manifest.statistics.read == 0)
        #expect(try await test.restore(manifest, to: source)[0].content.isEmpty)
    }

    @Test("a 3 TiB disk with islands at both ends costs its islands")
    func sparseDisk() async throws {
        var big = disk(0, 3 << 40)
        big.write([1, 2, 3], at: 0, generation: 1)
        big.write([4, 5, 6], at: (3 << 40) - 3, generation: 1)
        let source = GuestSource([big])
        let test = try await TestRepository()
        let manifest = try await test.manifest(source)
        #expect(manifest.statistics.read == 2 * 65_536)
        #expect(try await test.restore(manifest, to: source)[0].content == big.content)
    }

    @Test("an unchanged 6 TiB disk writes nothing but a manifest")
    func unchangedDisk() async throws {
        var big = disk(0, 6 << 40)
        for island in 0..<50 { big.write([9], at: UInt64(island) << 36, generation: 1) }
        let source = GuestSource([big])
        let test = try await TestRepository()
        let full = try await test.manifest(source)
        let report = try await test.backUp(source)
        let second = try #require(report.manifests.first)
        #expect(second.disks[0].isIncremental)
        #expect(second.disks[0].root == full.disks[0].root)
        #expect(report.totals == StorageTotals())
    }

    @Test("every codec gives the same disk back", arguments: ["none", "zstd", "lz4", "zlib"])
    func codecs(name: String) async throws {
        var disk = disk(0, 1 << 20)
        let text = "the quick brown fox ".utf8.flatMap { [UInt8](repeating: $0, count: 4000) }
        disk.write(text, at: 100, generation: 1)
        let source = GuestSource([disk])
        let test = try await TestRepository()
        let restored = try await test.restore(try await test.manifest(source, codec: name), to: source)
        #expect(restored[0].content == disk.content)
    }

    @Test(
        "increments of random writes, zeros and growth always restore to what the guest had",
        arguments: 1...12 as ClosedRange<UInt64>)
    func randomHistory(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let chunkSize = [4096, 16 << 10, 64 << 10, 1 << 20].randomElement(using: &generator) ?? 65_536
        let source = GuestSource([
            disk(0, (12 << 20) + 512 * UInt64.random(in: 0..<9, using: &generator)), disk(1, 2 << 20),
        ])
        let test = try await TestRepository(chunkSize: chunkSize)
        var history: [(Manifest, [GuestDisk])] = []
        for step in 0..<5 {
            source.change { disks, generation in
                for position in disks.indices {
                    for _ in 0..<Int.random(in: 0...6, using: &generator) {
                        let count = Int.random(in: 1...60_000, using: &generator)
                        let offset = UInt64.random(in: 0..<(disks[position].size - UInt64(count)), using: &generator)
                        disks[position].write(random(count, &generator), at: offset, generation: generation)
                    }
                    if Bool.random(using: &generator) {
                        let start = UInt64.random(in: 0..<(disks[position].size / 4096 - 64), using: &generator)
                        disks[position].zero(pages: start..<(start + 50), generation: generation)
                    }
                    if step == 3, position == 1 { disks[1].grow(to: 3 << 20) }
                }
            }
            let manifest = try await test.manifest(source)
            history.append((manifest, source.state.withLock { $0.disks }))
            #expect(manifest.disks[0].isIncremental == (step > 0))
        }
        for (manifest, disks) in history {
            let restored = try await test.restore(manifest, to: source)
            for (restored, original) in zip(restored, disks) { #expect(restored.content == original.content) }
        }
        #expect(try await test.check().isClean)
        #expect(history[3].0.disks[1].fallback?.contains("size changed") == true)
    }

    @Test("an increment reads and stores in proportion to the change")
    func proportionalIncrement() async throws {
        var generator = SeededGenerator(seed: 3)
        var disk = disk(0, 64 << 20)
        disk.write(random(16 << 20, &generator), at: 0, generation: 1)
        let source = GuestSource([disk])
        let test = try await TestRepository()
        _ = try await test.manifest(source)
        source.change { disks, generation in
            disks[0].write(random(500_000, &generator), at: 5 << 20, generation: generation)
        }
        let report = try await test.backUp(source)
        let statistics = try #require(report.manifests.first).statistics
        #expect(statistics.read <= 500_000 + 2 * 65_536)
        #expect(statistics.new <= statistics.read)
        #expect(report.totals.metadataBytes < 20_000)
    }

    @Test("a backup whose source breaks leaves earlier restore points as they were, and the next run works")
    func brokenSource() async throws {
        var generator = SeededGenerator(seed: 4)
        var disk = disk(0, 40 << 20)
        disk.write(random(20 << 20, &generator), at: 0, generation: 1)
        let source = GuestSource([disk])
        let test = try await TestRepository()
        let first = try await test.manifest(source)
        source.change { disks, generation in
            disks[0].write(random(16 << 20, &generator), at: 20 << 20, generation: generation)
        }
        source.state.withLock { $0.readsUntilFailure = 2 }
        let report = try await test.backUp(source)
        #expect(report.failures.count == 1)
        #expect(source.state.withLock { $0.abandoned } == 1)
        #expect(try await test.repository().restorePoints().count == 1)
        source.state.withLock { $0.readsUntilFailure = nil }
        let second = try await test.manifest(source)
        #expect(try await test.restore(first, to: source)[0].content == disk.content)
        let now = source.state.withLock { $0.disks[0].content }
        #expect(try await test.restore(second, to: source)[0].content == now)
        #expect(try await test.check().isClean)
    }

    @Test("a flipped byte in any object is found, named with its restore points, and never restored")
    func flippedBytes() async throws {
        var generator = SeededGenerator(seed: 5)
        var disk = disk(0, 4 << 20)
        disk.write(random(300_000, &generator), at: 0, generation: 1)
        let source = GuestSource([disk])
        let test = try await TestRepository()
        let manifest = try await test.manifest(source)
        // Without its configuration and its only key nobody opens a repository at all.
        for object in try await test.target.list(prefix: "")
        where object.key != ObjectLayout.configuration && !object.key.text.hasPrefix(ObjectLayout.keys) {
            let intact = try await test.target.get(object.key, limit: 1 << 30).array
            for offset in Set([0, 9, 40, 63, 64, 70, intact.count / 2, intact.count - 50, intact.count - 1]) {
                guard intact.indices.contains(offset) else { continue }
                var damaged = intact
                damaged[offset] ^= 0x40
                try await replace(object.key, with: damaged, in: test)
                let report = try await test.check()
                #expect(report.damages.contains { $0.object == object.key.text }, "\(object.key) byte \(offset)")
                if let restored = try? await test.restore(manifest, to: source) {
                    #expect(restored[0].content == disk.content, "\(object.key) byte \(offset)")
                } else {
                    #expect(report.damagedPoints.contains(manifest.id), "\(object.key) byte \(offset)")
                }
            }
            try await replace(object.key, with: intact, in: test)
        }
        #expect(try await test.check().isClean)
    }

    @Test("a missing or cut pack is named with the restore points it hits")
    func missingPack() async throws {
        var generator = SeededGenerator(seed: 6)
        var disk = disk(0, 4 << 20)
        disk.write(random(300_000, &generator), at: 0, generation: 1)
        let source = GuestSource([disk])
        let test = try await TestRepository()
        let manifest = try await test.manifest(source)
        for object in try await test.target.list(prefix: ObjectLayout.packs) {
            let intact = try await test.target.get(object.key, limit: 1 << 30).array
            try await test.target.delete(object.key)
            #expect(try await test.check(percent: nil).damagedPoints == [manifest.id])
            try await replace(object.key, with: Array(intact.dropLast(100)), in: test)
            #expect(try await test.check(percent: nil).damages.contains { $0.object == object.key.text })
            try await replace(object.key, with: intact, in: test)
        }
    }

    private func replace(_ key: ObjectKey, with bytes: [UInt8], in test: TestRepository) async throws {
        try await test.target.delete(key)
        try await test.target.put(key, Buffer(bytes))
    }
}

/// Random numbers that are the same in every run of a test.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
