import Testing

@testable import Engine

@Suite("Merging index runs at the target")
struct IndexCompactionTests {
    private let test: TestRepository

    init() async throws { test = try await TestRepository() }

    /// What all runs together list.
    private func listed() throws -> Set<BlobCopy> {
        var copies: Set<BlobCopy> = []
        for key in test.store.runs {
            let bytes = test.store[key] ?? []
            let run = try IndexRun(name: key.lastPart, parsing: bytes.span.bytes)
            copies.formUnion(run.entries.map { BlobCopy(id: $0.id, pack: $0.location.pack) })
        }
        return copies
    }

    private func copies(_ numbers: Range<Int>) -> Set<BlobCopy> {
        Set(SampleEntries.entries(numbers).map { BlobCopy(id: $0.id, pack: $0.location.pack) })
    }

    @Test("many small runs become one, and nothing is lost")
    func small() async throws {
        for start in stride(from: 0, to: 20_000, by: 100) { test.store.put(SampleEntries.run(start..<start + 100)) }
        let result = try await IndexCompaction(test.repository()).run()
        #expect(result == IndexCompaction.Result(merged: 200, written: 1))
        #expect(test.store.runs.count == 1)
        #expect(try listed() == copies(0..<20_000))
    }

    @Test("few runs, and runs of different size, are left alone")
    func few() async throws {
        for start in stride(from: 0, to: 800, by: 100) { test.store.put(SampleEntries.run(start..<start + 100)) }
        test.store.put(SampleEntries.run(1000..<5000))
        test.store.put(SampleEntries.run(5000..<30_000))
        let before = test.store.runs
        let result = try await IndexCompaction(test.repository()).run()
        #expect(result == IndexCompaction.Result() && test.store.runs == before)
    }

    @Test("groups never exceed what fits into a run, and large runs are not merged again")
    func groups() {
        let runs =
            (0..<100).map { StoredRuns.Run(name: "\($0)", size: 1 << 20) }
            + (100..<140).map { StoredRuns.Run(name: "\($0)", size: IndexCompaction.outputLimit - 1000) }
        let groups = IndexCompaction.groups(of: runs, affected: ["120"])
        #expect(groups.allSatisfy { $0.reduce(0) { $0 + $1.size } <= IndexCompaction.outputLimit })
        #expect(Set(groups.joined().map(\.name)) == Set((0..<100).map(String.init) + ["120"]))
        #expect(IndexCompaction.groups(of: [], affected: []).isEmpty)
    }

    @Test("packs that are left out are listed by no run, and only runs that listed them are written anew")
    func leavingOut() async throws {
        for start in stride(from: 0, to: 5000, by: 1000) { test.store.put(SampleEntries.run(start..<start + 1000)) }
        let gone = test.store.put(SampleEntries.run(9900..<10_000))
        let before = Set(test.store.runs)
        let packs = Set([3, 14, 99].map { SampleEntries.pack($0) })
        try await IndexCompaction(test.repository()).run(leavingOut: packs)
        let expected = copies(0..<5000).filter { !packs.contains($0.pack) }
        #expect(try listed() == expected)
        #expect(before.subtracting(test.store.runs).count == 3 && test.store[gone] == nil)
    }

    @Test("copies in several packs stay, and repeated mentions of one go")
    func copies() async throws {
        for _ in 0..<5 { test.store.put(SampleEntries.run(0..<100)) }
        for pack in 0..<5 {
            let entries = (0..<100).map { SampleEntries.entry($0, inPack: 50 + pack) }
            test.store.put(IndexRun(name: "a", entries: entries))
        }
        let before = try listed()
        try await IndexCompaction(test.repository()).run()
        #expect(try listed() == before)
        let bytes = test.store[test.store.runs[0]] ?? []
        #expect(try IndexRun(name: "a", parsing: bytes.span.bytes).entries.count == 600)
    }

    @Test("killed at any instant, everything is still listed, and the next merge tidies up")
    func killed() async throws {
        for call in [TargetCall.get, .put, .delete] {
            for first in 1...12 {
                let test = try await TestRepository()
                for start in stride(from: 0, to: 1200, by: 100) {
                    test.store.put(SampleEntries.run(start..<start + 100))
                }
                let faulty = FaultyTarget(test.target, [])
                let repository = try await test.repository(at: faulty)
                faulty.plan(.init(call, first: first, times: 1000, prefix: ObjectLayout.index))
                _ = try? await IndexCompaction(repository).run()
                let index = try test.index()
                let loaded = try await IndexLoader(test.repository()).load(into: index)
                #expect(loaded.warnings.isEmpty && loaded.unlisted.isEmpty && index.count == 1200)
                try await IndexCompaction(test.repository()).run()
                try await IndexCompaction(test.repository()).run()
                #expect(test.store.runs.count <= 9)
            }
        }
    }

    @Test("a reader that loses runs to a merge lists again, and warns of nothing")
    func reader() async throws {
        for start in stride(from: 0, to: 2000, by: 100) { test.store.put(SampleEntries.run(start..<start + 100)) }
        let vanishing = VanishingRuns(test.target, store: test.store)
        let index = try test.index()
        let loaded = try await IndexLoader(test.repository(at: vanishing)).load(into: index)
        #expect(vanishing.hasMerged && loaded.warnings.isEmpty && loaded.unlisted.isEmpty)
        #expect(index.count == 2000)
    }

    @Test("a damaged run is removed when packs are left out, for its packs say the same")
    func damaged() async throws {
        test.store.put(SampleEntries.run(0..<100))
        let damaged = test.store.put(SampleEntries.run(100..<200))
        test.store[damaged]?[0] ^= 1
        try await IndexCompaction(test.repository()).run(leavingOut: [SampleEntries.pack(0)])
        #expect(test.store.runs.isEmpty)
    }

    @Test("two merges beside each other lose nothing")
    func together() async throws {
        for start in stride(from: 0, to: 6000, by: 100) { test.store.put(SampleEntries.run(start..<start + 100)) }
        let repository = try await test.repository()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { try await IndexCompaction(repository).run() } }
            try await group.waitForAll()
        }
        #expect(try listed() == copies(0..<6000))
    }
}

extension TestRepository {
    /// The repository through another target.
    fileprivate func repository(at target: any Target) async throws -> Repository {
        try await Repository.open(on: target, codecs: try await repository().codecs, logger: context.logger)
    }
}
