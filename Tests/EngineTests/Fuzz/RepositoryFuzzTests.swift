import EngineContracts
import Synchronization
import Testing

@testable import Engine

/// Whole repositories with changed objects: what comes back is what was backed up, or an error.
@Suite("Hostile repositories", .serialized)
struct RepositoryFuzzTests {
    /// A repository with two restore points, which is changed and set right again and again.
    private struct Scene {
        let test: TestRepository
        let source: GuestSource
        let points: [StoredPoint]
        let contents: [[UInt64: [UInt8]]]
        private let objects: [ObjectKey: MemoryStore.Object]
        let keys: [ObjectKey]

        init(_ chunker: String) async throws {
            test = try await TestRepository(chunker: chunker, chunkSize: 32 << 10)
            var disk = GuestDisk(id: "disk-0", address: DiskAddress(bus: "scsi", index: 0), size: 9 << 20)
            disk.write(SampleBytes.text(200_000, seed: 1), at: 0, generation: 1)
            disk.write(SampleBytes.random(100_000, seed: 2), at: 6 << 20, generation: 1)
            source = GuestSource([disk])
            var options = BackupOptions()
            options.hasParity = true
            _ = try await test.manifest(source, options: options)
            var contents = [source.state.withLock { $0.disks[0].content }]
            source.change { disks, generation in
                disks[0].write(SampleBytes.text(30_000, seed: 3), at: 100_000, generation: generation)
            }
            _ = try await test.manifest(source, options: options)
            contents.append(source.state.withLock { $0.disks[0].content })
            self.contents = contents
            points = try await test.repository().restorePoints()
            objects = test.store.objects.withLock { $0 }
            keys = objects.keys.sorted()
        }

        /// Changes one object, or takes it away; tells whether its checksums were made to fit.
        func change(_ number: Int) -> (key: ObjectKey, isSealed: Bool) {
            var generator = SeededGenerator(seed: UInt64(number) &* 0x2545_F491 &+ 3)
            let key = keys[Int.random(in: 0..<keys.count, using: &generator)]
            guard Int.random(in: 0..<20, using: &generator) > 0 else {
                test.store[key] = nil
                return (key, false)
            }
            let other = test.store[keys[Int.random(in: 0..<keys.count, using: &generator)]] ?? []
            let kind = String(key.text.prefix { $0 != "/" })
            let seal = RepositoryFuzzTests.seals[kind] ?? Seals.document
            let isDocument = RepositoryFuzzTests.seals[kind] == nil
            let subject = FuzzSubject(
                name: kind, samples: [test.store[key] ?? []], splice: other,
                jsonStart: isDocument ? Seals.jsonStart : nil, parse: { _ throws(EngineError) in })
            var bytes = subject.input(number)
            let isSealed = Bool.random(using: &generator)
            if isSealed { seal(&bytes) }
            test.store[key] = bytes
            return (key, isSealed && isDocument)
        }

        func setRight() { test.store.objects.withLock { $0 = objects } }
    }

    private static let seals: [String: @Sendable (inout [UInt8]) -> Void] = [
        "packs": Seals.pack, "index": Seals.indexRun, "parity": Seals.parity,
    ]

    @Test(
        "whatever one object becomes, no wrong byte is restored and nothing traps",
        arguments: [ChunkerChoice.fixed, ChunkerChoice.content])
    func changedObject(chunker: String) async throws {
        let scene = try await Scene(chunker)
        let first = FuzzLength.first
        for number in first..<(first + FuzzLength.repositories) {
            let (key, isSealedDocument) = scene.change(number)
            FuzzLength.trace("repository \(chunker) \(number): \(key)")
            for (point, content) in zip(scene.points, scene.contents) {
                let restored = await restore(point, scene)
                // A document whose checksum fits may say anything of a disk, also where it ends.
                guard let restored, !isSealedDocument else { continue }
                #expect(restored == content, "input \(number), \(key)")
            }
            await lookThrough(scene)
            scene.setRight()
        }
    }

    /// The restored content, nil when it was refused.
    private func restore(_ point: StoredPoint, _ scene: Scene) async -> [UInt64: [UInt8]]? {
        do {
            let manifest = try await scene.test.repository().manifest(point)
            return try await scene.test.restore(manifest, to: scene.source).first?.content
        } catch {
            #expect(error is EngineError, "\(error)")
            return nil
        }
    }

    /// Lists, checks, plans a prune and prunes.
    private func lookThrough(_ scene: Scene) async {
        do {
            _ = try await scene.test.repository().restorePoints()
            _ = try await scene.test.check()
            _ = try await scene.test.plan(deleting: [])
            _ = try await scene.test.backUp(scene.source)
            _ = try await scene.test.prune()
        } catch {
            #expect(error is EngineError, "\(error)")
        }
    }
}
