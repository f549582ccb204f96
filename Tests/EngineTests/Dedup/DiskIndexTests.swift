import Glibc
import Testing

@testable import Engine

@Suite("The index on disk")
struct DiskIndexTests {
    private let folder = ScratchFolder()
    private let store = MemoryStore()
    private let target: CountingTarget

    init() async throws {
        target = CountingTarget(MemoryTarget(store))
        try await target.open()
    }

    private func index(tableLimit: Int = 1 << 16) throws -> DiskIndex {
        try DiskIndex(DiskIndexSettings(), in: folder.context, tableLimit: tableLimit)
    }

    private func runs() async throws -> StoredRuns {
        StoredRuns(repository: "r", objects: try await target.list(prefix: ObjectLayout.index), target: target)
    }

    /// A new process: an index that finds what others left in the folder.
    private func started(tableLimit: Int = 1 << 16) async throws -> DiskIndex {
        let index = try index(tableLimit: tableLimit)
        _ = try await index.take(runs())
        return index
    }

    private func expect(_ index: DiskIndex, knows numbers: Range<Int>) {
        let wrong = numbers.filter { index.location(of: SampleEntries.id($0)) != SampleEntries.entry($0).location }
        #expect(wrong.isEmpty)
    }

    private func files(_ suffix: String) -> [String] { folder.files.filter { $0.hasSuffix(suffix) } }

    @Test("what was fetched once is not fetched again, also when the repository merges its runs")
    func fetchedOnce() async throws {
        for start in stride(from: 0, to: 60_000, by: 6000) { store.put(SampleEntries.run(start..<start + 6000)) }
        expect(try await started(), knows: 0..<60_000)
        target.reset()
        let again = try await started()
        expect(again, knows: 0..<60_000)
        #expect(target.tally.bytesGot == 0 && again.count == 60_000)
        for key in store.runs { store[key] = nil }
        store.put(SampleEntries.run(0..<60_000))
        target.reset()
        expect(try await started(), knows: 0..<60_000)
        #expect(target.tally.bytesGot <= 64 << 10)
    }

    @Test("small runs stay in memory, and many of them become a file")
    func smallRuns() async throws {
        for start in stride(from: 0, to: 800, by: 100) { store.put(SampleEntries.run(start..<start + 100)) }
        expect(try await started(), knows: 0..<800)
        #expect(files(".run").isEmpty)
        for start in stride(from: 800, to: 3000, by: 100) { store.put(SampleEntries.run(start..<start + 100)) }
        expect(try await started(), knows: 0..<3000)
        #expect(files(".run").count == 1)
        target.reset()
        expect(try await started(), knows: 0..<3000)
        #expect(target.tally.bytesGot == 0)
    }

    @Test("what is recorded goes to few files, and is there after a kill once a run lists it")
    func spilled() async throws {
        let index = try await started(tableLimit: 500)
        for start in stride(from: 0, to: 20_000, by: 100) {
            for number in start..<start + 100 { #expect(index.claim(SampleEntries.id(number)) == .new) }
            index.record(SampleEntries.entries(start..<start + 100))
        }
        expect(index, knows: 0..<20_000)
        #expect(index.count == 20_000 && files(".run").count < 8)
        _ = try await index.take(runs())
        expect(index, knows: 0..<20_000)
        store.put(SampleEntries.run(0..<20_000))
        target.reset()
        expect(try await started(), knows: 0..<20_000)
        #expect(target.tally.bytesGot <= SampleEntries.run(0..<20_000).encoded().count)
    }

    @Test("what no run of the repository lists any more is not known")
    func vanished() async throws {
        store.put(SampleEntries.run(0..<8000))
        let gone = store.put(SampleEntries.run(8000..<24_000))
        expect(try await started(), knows: 0..<24_000)
        store[gone] = nil
        let index = try await started()
        expect(index, knows: 0..<8000)
        #expect((8000..<24_000).allSatisfy { index.location(of: SampleEntries.id($0)) == nil })
        #expect(index.claim(SampleEntries.id(9000)) == .new && index.count == 8000)
        let size = files(".run").reduce(0) { $0 + ((try? SampleEntries.bytes(of: $1).count) ?? 0) }
        #expect(size < 48 * 9000)
    }

    @Test("every file can be deleted between two starts", arguments: [".run", ".filter", "runs", "lock", ""])
    func deleted(_ suffix: String) async throws {
        store.put(SampleEntries.run(0..<200_000))
        expect(try await started(), knows: 199_000..<200_000)
        #expect(!files(suffix).isEmpty || suffix == "lock")
        for file in files(suffix) { unlink(file) }
        expect(try await started(), knows: 0..<10_000)
    }

    @Test("a cached run that is damaged never lies, and is fetched again", arguments: [3000, 200_000])
    func damagedRun(_ count: Int) async throws {
        store.put(SampleEntries.run(0..<max(count, 6000)))
        expect(try await started(), knows: 0..<count)
        let path = try #require(files(".run").first)
        var bytes = try SampleEntries.bytes(of: path)
        for offset in stride(from: 5000, to: bytes.count - 8, by: 1000) { bytes[offset] ^= 0x80 }
        try SampleEntries.write(bytes, to: path)
        let hurt = try await started()
        for number in 0..<count {
            let location = hurt.location(of: SampleEntries.id(number))
            #expect(location == nil || location == SampleEntries.entry(number).location)
        }
        expect(try await started(), knows: 0..<count)
        #expect(!files(".run").contains(path))
    }

    @Test("a filter of another run, cut or damaged, is made anew")
    func damagedFilter() async throws {
        store.put(SampleEntries.run(0..<200_000))
        expect(try await started(), knows: 0..<100)
        let path = try #require(files(".filter").first)
        let bytes = try SampleEntries.bytes(of: path)
        for change in 0..<6 {
            var wrong = bytes
            switch change {
            case 0: wrong[bytes.count / 2] ^= 1
            case 1: wrong[9] ^= 1
            case 2: wrong.removeLast(64)
            case 3: wrong = [1, 2, 3]
            case 4: wrong[24] = 255
            default: wrong[35] = 255
            }
            try SampleEntries.write(wrong, to: path)
            expect(try await started(), knows: 0..<5000)
            #expect(try SampleEntries.bytes(of: path) == bytes)
        }
    }

    @Test("two processes share the folder, each merging what the other wrote")
    func shared() async throws {
        let (one, two) = (try await started(tableLimit: 400), try await started(tableLimit: 400))
        await withTaskGroup(of: Void.self) { group in
            for (index, parity) in [(one, 0), (two, 1)] {
                group.addTask {
                    for pack in 0..<200 where pack % 2 == parity {
                        index.record(SampleEntries.entries(pack * 100..<pack * 100 + 100))
                    }
                }
            }
        }
        for start in stride(from: 0, to: 20_000, by: 1000) { store.put(SampleEntries.run(start..<start + 1000)) }
        for index in [one, two, try await started()] {
            _ = try await index.take(runs())
            expect(index, knows: 0..<20_000)
            #expect(index.count == 20_000)
        }
    }

    @Test("damaged, too large and vanished runs of the repository are named, and the others are read")
    func failures() async throws {
        store.put(SampleEntries.run(0..<1000))
        let damaged = store.put(SampleEntries.run(1000..<9000))
        store[damaged]?[100_000] ^= 1
        let short = store.put(SampleEntries.run(9000..<9100))
        store[short]?.removeLast()
        let listed = try await runs()
        let gone = try #require(listed.runs.first { $0.size == SampleEntries.run(0..<1000).encoded().count })
        store[ObjectLayout.index(gone.name)] = nil
        store.put(SampleEntries.run(20_000..<21_000))
        let index = try index()
        let taken = try await index.take(listed)
        #expect(taken.failures[damaged.lastPart]?.kind == .corrupt)
        #expect(taken.failures[short.lastPart]?.kind == .corrupt)
        #expect(taken.failures[gone.name]?.kind == .notFound)
        let again = try await index.take(runs())
        #expect(again.failures.count == 2)
        expect(index, knows: 20_000..<21_000)
    }

    @Test("without a cache folder the settings are refused")
    func noFolder() throws {
        #expect(throws: EngineError.self) {
            try DiskIndex(DiskIndexSettings(), in: PluginContext(logger: folder.context.logger))
        }
    }
}
