import Testing

@testable import Engine

/// What the index on disk costs when a repository is large. Runs when `AHVAULT_INDEX_ENTRIES` says how many distinct
/// chunks there are: 16,777,216 of 64 KiB are 1 TiB (`Benchmarks/index`).
@Suite("The index on disk at scale")
struct IndexAtScaleTests {
    private static let entries = ProcessEnvironment.number("AHVAULT_INDEX_ENTRIES")
    private static let perRun = 1 << 16
    private static let perPack = 256
    private static let lookups = 1 << 20

    @Test(
        "it stays within 2 bytes of memory for each chunk, and says what opening and lookups take",
        .enabled(if: ProcessEnvironment.number("AHVAULT_INDEX_ENTRIES") != nil))
    func scale() async throws {
        let test = try await TestRepository()
        let folder = ScratchFolder()
        let count = try #require(Self.entries)
        for start in stride(from: 0, to: count, by: Self.perRun) {
            let entries = (start..<min(count, start + Self.perRun)).map(Self.entry)
            try await IndexRun.put(entries, at: test.target)
            for pack in Set(entries.map(\.location.pack)) { test.store[ObjectLayout.pack(pack, .data)] = [0] }
        }
        let repository = try await test.repository()
        print("\(count) chunks in \(count / Self.perRun) runs, \(count / Self.perPack) packs")
        try await opened("first start: runs fetched and merged", repository, folder, merges: true) { _ in }
        try await opened("later start", repository, folder, merges: false) { index in
            Self.measure("a chunk that is new") { index.holds(Self.id(count + $0)) ? 1 : 0 }
            var generator = SeededGenerator(seed: 1)
            let some = (0..<Self.lookups).map { _ in Int.random(in: 0..<count, using: &generator) }
            Self.measure("a known chunk, at random") { index.holds(Self.id(some[$0])) ? 1 : 0 }
        }
    }

    /// - Parameter merges: whether files are merged, which takes the filters of before and after at once.
    private func opened(
        _ what: String, _ repository: Repository, _ folder: ScratchFolder, merges: Bool,
        _ body: (DiskIndex) throws -> Void
    ) async throws {
        let before = ProcessEnvironment.anonymousMemory
        let start = Stopwatch.now()
        let index = try DiskIndex(DiskIndexSettings(), in: folder.context)
        _ = try await IndexLoader(repository).load(into: index)
        let seconds = Stopwatch.now() - start
        let growth = ProcessEnvironment.anonymousMemory - before
        print("\(what): \(seconds) s, \(Double(growth) / 1048576) MiB of memory")
        let count = try #require(Self.entries)
        #expect(growth <= (merges ? 4 : 2) * count + 24 << 20)
        try body(index)
    }

    private static func measure(_ what: String, _ lookup: (Int) -> Int) {
        let start = Stopwatch.now()
        var found = 0
        for number in 0..<lookups { found += lookup(number) }
        let each = (Stopwatch.now() - start) / Double(lookups)
        print("\(what): \(each * 1e9) ns, \(found) of \(lookups) found")
    }

    private static func id(_ number: Int) -> Digest {
        var generator = SeededGenerator(seed: UInt64(number))
        return Digest(words: (generator.next(), generator.next(), generator.next(), generator.next()))
    }

    private static func entry(_ number: Int) -> BlobEntry {
        let pack = PackID(words: (UInt64(number / perPack) &* 0x9E37_79B9_7F4A_7C15, UInt64(number / perPack)))
        return BlobEntry(
            id: id(number),
            location: BlobLocation(
                pack: pack, kind: .data, offset: UInt32(number % perPack) << 15, storedCount: 30_000, rawCount: 65_536,
                codec: 1))
    }
}
