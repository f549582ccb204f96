import EngineContracts
import Synchronization
import Testing

@testable import Engine

@Suite("What one prune remembers for the next", .plainAndEncrypted)
struct ReferenceCountTests {
    private struct Scene {
        let test: TestRepository
        let folder = ScratchFolder()
        var file: ReferenceFile

        init() async throws {
            test = try await TestRepository()
            // The folder is made by this.
            _ = try RunLease(in: folder.path, tag: "test")
            file = ReferenceFile(path: "\(folder.path)/references", repository: try await test.repository().id)
        }

        struct Counted {
            let used: [Digest: UInt16]
            let isKept: Bool
            let calls: CountingTarget.Tally
        }

        /// Counts as a prune does, and remembers.
        func count(file: ReferenceFile? = nil, at now: Timestamp = .now()) async throws -> Counted {
            let file = file ?? self.file
            let plain = try await test.repository()
            let index = try test.index()
            let loaded = try await IndexLoader(plain).load(into: index)
            let table = try await BlobTable(repository: plain, folder: "\(folder.path)/\(RandomName.make())").make(
                unlisted: loaded.unlisted)
            let counting = CountingTarget(test.target)
            let repository = Repository(
                configuration: plain.configuration, target: counting, codecs: plain.codecs, logger: plain.logger,
                protection: plain.protection)
            let count = ReferenceCount(repository: repository, index: index, file: file, lanes: 2)
            let result = try await count.run(try await repository.restorePoints(), in: table, now: now)
            if let head = result.head { try file.save(head, result.references) }
            var used: [Digest: UInt16] = [:]
            try result.references.forEachUsed { used[$0.id] = $0.count }
            return Counted(used: used, isKept: result.head != nil, calls: counting.tally)
        }

        /// Counts without any memory.
        func countAnew() async throws -> [Digest: UInt16] {
            try await count(file: ReferenceFile(path: "\(folder.path)/none-\(RandomName.make())", repository: "")).used
        }
    }

    private func guest(seed: UInt64) -> GuestSource {
        var disk = GuestDisk(id: "disk-0", address: DiskAddress(bus: "scsi", index: 0), size: 16 << 20)
        disk.write(SampleBytes.random(1 << 20, seed: seed), at: 0, generation: 1)
        return GuestSource([disk])
    }

    private func overwrite(_ source: GuestSource, at offset: UInt64, _ count: Int, seed: UInt64) {
        let bytes = SampleBytes.random(count, seed: seed)
        source.change { disks, generation in disks[0].write(bytes, at: offset, generation: generation) }
    }

    @Test("whatever comes and goes, the counts are those of counting from nothing", arguments: 0..<6 as Range<UInt64>)
    func equal(seed: UInt64) async throws {
        let scene = try await Scene()
        var generator = SeededGenerator(seed: seed)
        let source = guest(seed: 1)
        var points: [Manifest] = []
        for step in 0..<14 {
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                let offset = UInt64.random(in: 0..<200, using: &generator) << 16
                overwrite(source, at: offset, Int.random(in: 1...300_000, using: &generator), seed: UInt64(step % 4))
                points.append(try await scene.test.manifest(source))
            }
            for _ in 0..<Int.random(in: 0...2, using: &generator) where !points.isEmpty {
                let gone = points.remove(at: Int.random(in: points.indices, using: &generator))
                try await scene.test.repository().withdraw(gone)
            }
            if Int.random(in: 0..<4, using: &generator) == 0 {
                var options = PruneOptions()
                options.grace = 0
                _ = try await scene.test.prune(options: options)
            }
            #expect(try await scene.count().used == scene.countAnew(), "step \(step)")
        }
    }

    @Test("only what came and went is read")
    func cost() async throws {
        let scene = try await Scene()
        let source = guest(seed: 1)
        var points: [Manifest] = []
        for day in 0..<20 as Range<UInt64> {
            overwrite(source, at: day << 18, 4096, seed: day)
            points.append(try await scene.test.manifest(source))
        }
        let first = try await scene.count()
        #expect(try #require(first.calls.calls[.get]) >= 40)
        let second = try await scene.count()
        #expect(second.used == first.used && !second.isKept)
        #expect(second.calls.calls[.get] == nil)
        overwrite(source, at: 0, 4096, seed: 100)
        _ = try await scene.test.manifest(source)
        try await scene.test.repository().withdraw(points[3])
        let third = try await scene.count()
        // A manifest and a path of nodes that came, a path that went.
        #expect(try #require(third.calls.calls[.get]) <= 6)
        #expect(try await third.used == scene.countAnew())
    }

    @Test("a file of which a byte is wrong is not believed")
    func damage() async throws {
        let scene = try await Scene()
        let source = guest(seed: 1)
        _ = try await scene.test.manifest(source)
        let right = try await scene.count().used
        let whole = try SampleEntries.bytes(of: scene.file.path)
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<60 {
            var bytes = whole
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &generator))
            case 1: bytes.append(7)
            default:
                bytes[Int.random(in: bytes.indices, using: &generator)] ^=
                    1 << UInt8.random(in: 0..<8, using: &generator)
            }
            try SampleEntries.write(bytes, to: scene.file.path)
            let counted = try await scene.count()
            #expect(counted.used == right && counted.isKept)
        }
        try SampleEntries.write(whole, to: scene.file.path)
        #expect(try await !scene.count().isKept)
    }

    @Test("counts of another repository, or older than a week, or of the future are not believed")
    func others() async throws {
        let scene = try await Scene()
        let source = guest(seed: 1)
        _ = try await scene.test.manifest(source)
        let now = Timestamp.now()
        let right = try await scene.count(at: now).used
        #expect(try await !scene.count(at: now.adding(seconds: 6 * 86_400)).isKept)
        #expect(try await scene.count(at: now.adding(seconds: 8 * 86_400)).isKept)
        #expect(try await scene.count(at: now).isKept)
        let other = ReferenceFile(path: scene.file.path, repository: "another")
        let counted = try await scene.count(file: other, at: now)
        #expect(counted.isKept && counted.used == right)
    }

    @Test("when another proxy has pruned what went, everything is counted from nothing, and the next prune is right")
    func elsewhere() async throws {
        let scene = try await Scene()
        let source = guest(seed: 1)
        let first = try await scene.test.manifest(source)
        overwrite(source, at: 0, 1 << 20, seed: 2)
        let second = try await scene.test.manifest(source)
        _ = try await scene.count()
        var options = PruneOptions()
        options.grace = 0
        _ = try await scene.test.prune(deleting: [first], options)
        let counted = try await scene.count()
        #expect(try await counted.used == scene.countAnew() && counted.isKept)
        #expect(
            try await scene.test.restore(second, to: source)[0].content == source.state.withLock { $0.disks[0].content }
        )
    }
}
