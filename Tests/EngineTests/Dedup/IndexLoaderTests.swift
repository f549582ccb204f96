import EngineContracts
import Testing

@testable import Engine

@Suite("Filling an index from a repository")
struct IndexLoaderTests {
    private let test: TestRepository
    private let folder = ScratchFolder()

    init() async throws { test = try await TestRepository() }

    private func indexes() throws -> [any DedupIndex] {
        [try test.index(), try DiskIndex(DiskIndexSettings(), in: folder.context)]
    }

    private func backUp() async throws -> Manifest {
        let source = GuestSource([GuestDisk(id: "1", address: DiskAddress(bus: "scsi", index: 0), size: 8 << 20)])
        source.change { disks, generation in
            disks[0].write(SampleBytes.random(6 << 20, seed: 5), at: 0, generation: generation)
        }
        return try await test.manifest(source)
    }

    @Test("without any index run the tables of the packs give the same index")
    func rebuilt() async throws {
        let manifest = try await backUp()
        let root = try #require(manifest.disks[0].root)
        let before = try test.index()
        _ = try await IndexLoader(test.repository()).load(into: before)
        #expect(before.count > 50)
        for key in test.store.runs { test.store[key] = nil }
        for index in try indexes() {
            let loaded = try await IndexLoader(test.repository()).load(into: index, unlisted: .keep)
            #expect(loaded.warnings.isEmpty && loaded.unlisted.count == before.count && index.count == before.count)
            for entry in loaded.unlisted { #expect(before.location(of: entry.id) == entry.location) }
            #expect(index.location(of: root.id) == before.location(of: root.id))
        }
        let next = try test.index()
        _ = try await IndexLoader(test.repository()).load(into: next)
        #expect(next.count == before.count && test.store.runs.isEmpty)
    }

    @Test("what only a missing pack has is new again, but still named to readers")
    func missing() async throws {
        test.store.put(SampleEntries.run(0..<300))
        let gone = SampleEntries.entry(150).location
        test.store[ObjectLayout.pack(gone.pack, gone.kind)] = nil
        for index in try indexes() {
            let loaded = try await IndexLoader(test.repository()).load(into: index)
            #expect(loaded.warnings.isEmpty)
            #expect(index.claim(SampleEntries.id(150)) == .new && index.location(of: SampleEntries.id(150)) == gone)
            #expect(index.claim(SampleEntries.id(250)) == .stored(SampleEntries.entry(250).location))
        }
    }

    @Test("runs that other processes put are shared by looking again")
    func refreshed() async throws {
        test.store.put(SampleEntries.run(0..<300))
        for (position, index) in try indexes().enumerated() {
            let loader = IndexLoader(try await test.repository())
            _ = try await loader.load(into: index)
            let fresh = 1000 * (position + 1)
            #expect(index.claim(SampleEntries.id(fresh)) == .new)
            test.store.put(SampleEntries.run(fresh..<fresh + 100))
            try await loader.refresh(index)
            #expect(index.claim(SampleEntries.id(fresh)) == .stored(SampleEntries.entry(fresh).location))
            #expect(index.holds(SampleEntries.id(150)))
        }
    }

    @Test("a run of a later version is named, and its packs are read instead")
    func laterVersion() async throws {
        _ = try await backUp()
        let expected = try test.index()
        _ = try await IndexLoader(test.repository()).load(into: expected)
        for key in test.store.runs {
            test.store[key]?[8] = 2
            let bytes = (test.store[key] ?? []).dropLast(8)
            let buffer = Buffer(capacity: bytes.count + 8)
            buffer.append(Array(bytes).span.bytes)
            buffer.appendChecksum()
            test.store[key] = buffer.array
        }
        for index in try indexes() {
            let loaded = try await IndexLoader(test.repository()).load(into: index)
            #expect(loaded.warnings.contains { $0.contains("later format version") })
            #expect(index.count == expected.count)
        }
    }
}
