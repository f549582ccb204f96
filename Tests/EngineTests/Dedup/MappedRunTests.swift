import EngineContracts
import Testing

@testable import Engine

@Suite("Mapped runs")
struct MappedRunTests {
    private let folder = ScratchFolder()

    private func path() throws -> String { try IndexFolder(folder.path).temporary() }

    private func map(_ run: IndexRun) throws -> MappedRun {
        let path = try path()
        try SampleEntries.write(run, to: path)
        return try MappedRun(path: path)
    }

    @Test("every entry has a row, rows ascend by id, and other ids have none", arguments: [1, 63, 64, 65, 5000])
    func rows(_ count: Int) throws {
        let run = try map(SampleEntries.run(0..<count))
        #expect(run.count == count)
        let sorted = SampleEntries.entries(0..<count).sorted { $0.id < $1.id }
        for (row, entry) in sorted.enumerated() {
            #expect(run.row(of: entry.id) == row)
            #expect(run.rows(of: entry.id) == row..<row + 1)
            #expect(run.entry(at: row) == entry)
            #expect(run.packs[run.packNumber(at: row)].id == entry.location.pack)
        }
        for number in count..<count + 500 { #expect(run.row(of: SampleEntries.id(number)) == nil) }
        var seen: [BlobEntry] = []
        try run.forEach { row, entry, pack in
            #expect(row == seen.count && run.packs[pack].id == entry.location.pack)
            seen.append(entry)
        }
        #expect(seen == sorted)
    }

    @Test("a run without entries has no rows")
    func empty() throws {
        let run = try map(IndexRun(name: "a", entries: []))
        #expect(run.count == 0 && run.row(of: SampleEntries.id(1)) == nil && run.rows(of: SampleEntries.id(1)).isEmpty)
    }

    @Test("all copies of a blob are found, also when they fill more than a block")
    func copies() throws {
        let copies = (0..<300).map { SampleEntries.entry(1000, inPack: 5000 + $0) }
        let run = try map(IndexRun(name: "a", entries: SampleEntries.entries(0..<500) + copies))
        let rows = run.rows(of: SampleEntries.id(1000))
        #expect(rows.count == 300 && run.row(of: SampleEntries.id(1000)) == rows.lowerBound)
        #expect(Set(rows.map { run.entry(at: $0).location.pack }).count == 300)
        for number in 0..<500 { #expect(run.rows(of: SampleEntries.id(number)).count == 1) }
    }

    @Test("ids that begin alike are told apart")
    func alike() throws {
        let location = SampleEntries.entry(1).location
        let entries = (0..<1000).map { number in
            BlobEntry(id: Digest(words: (7, UInt64(number / 100), 3, UInt64(number % 100))), location: location)
        }
        let run = try map(IndexRun(name: "a", entries: entries))
        for entry in entries { #expect(run.rows(of: entry.id).count == 1) }
        #expect(run.row(of: Digest(words: (7, 10, 0, 0))) == nil && run.row(of: Digest(words: (6, 0, 0, 0))) == nil)
        #expect(run.row(of: Digest(words: (8, 0, 0, 0))) == nil && run.row(of: Digest(words: (7, 5, 3, 100))) == nil)
    }

    @Test("a flipped byte, a cut and added bytes are found when a run is mapped")
    func damaged() throws {
        let bytes = SampleEntries.run(0..<20).encoded().array
        let path = try path()
        for index in bytes.indices {
            var wrong = bytes
            wrong[index] ^= 0x41
            try SampleEntries.write(wrong, to: path)
            #expect(throws: EngineError.self) { try MappedRun(path: path) }
        }
        for count in 0..<bytes.count {
            try SampleEntries.write(Array(bytes.prefix(count)), to: path)
            #expect(throws: EngineError.self) { try MappedRun(path: path) }
        }
        try SampleEntries.write(bytes + [0], to: path)
        #expect(throws: EngineError.self) { try MappedRun(path: path) }
    }

    @Test("a run with a right checksum but wrong order, pack numbers or counts is refused")
    func hostile() throws {
        let path = try path()
        let head = RunHead(packs: [RunPack(id: SampleEntries.pack(0), kind: .data)], count: 2)
        func write(_ head: RunHead, _ records: [(Int, Int)], cut: Int = 0) throws {
            let buffer = Buffer(capacity: 4096)
            buffer.append(head.encoded.span.bytes)
            for (number, pack) in records {
                RunRecord(SampleEntries.entry(number), packNumber: pack).append(packNumber: pack, to: buffer)
            }
            buffer.truncate(to: buffer.count - cut)
            buffer.appendChecksum()
            try SampleEntries.write(buffer.array, to: path)
        }
        let (low, high) = SampleEntries.id(0) < SampleEntries.id(1) ? (0, 1) : (1, 0)
        try write(head, [(low, 0), (high, 0)])
        #expect(try MappedRun(path: path).count == 2)
        try write(head, [(high, 0), (low, 0)])
        #expect(throws: EngineError.self) { try MappedRun(path: path) }
        try write(head, [(low, 0), (high, 1)])
        #expect(throws: EngineError.self) { try MappedRun(path: path) }
        try write(head, [(low, 0)])
        #expect(throws: EngineError.self) { try MappedRun(path: path) }
        try write(head, [(low, 0), (high, 0)], cut: 1)
        #expect(throws: EngineError.self) { try MappedRun(path: path) }
        try write(RunHead(packs: [], count: 2), [(low, 0), (high, 0)])
        #expect(throws: EngineError.self) { try MappedRun(path: path) }
    }

    @Test("merged runs are one sorted run with each copy once, without the packs left out")
    func merge() throws {
        let first = try map(SampleEntries.run(0..<3000))
        let second = try map(SampleEntries.run(2000..<6000))
        let copies = try map(IndexRun(name: "a", entries: (0..<100).map { SampleEntries.entry($0, inPack: 900) }))
        let without = Set([SampleEntries.pack(3), SampleEntries.pack(25)])
        let path = try path()
        let merged = try RunMerge([first, second, copies]) { !without.contains($0) }.write(to: path)
        let expected = Set(
            (SampleEntries.entries(0..<6000) + (0..<100).map { SampleEntries.entry($0, inPack: 900) })
                .filter { !without.contains($0.location.pack) }.map { BlobCopy(id: $0.id, pack: $0.location.pack) })
        var seen: [BlobCopy] = []
        try merged.forEach { _, entry, _ in seen.append(BlobCopy(id: entry.id, pack: entry.location.pack)) }
        #expect(seen.count == expected.count && Set(seen) == expected)
        #expect(seen.map(\.id) == seen.map(\.id).sorted())
        #expect(without.isDisjoint(with: merged.packs.map(\.id)))
        #expect(merged.entry(at: merged.rows(of: SampleEntries.id(5999)).lowerBound) == SampleEntries.entry(5999))
        #expect(throws: EngineError.self) { try RunMerge([first]).write(to: path) }
    }

    @Test("a filter knows all ids it was given and few others")
    func filter() {
        for bits in [IndexFolder.bitsOfLargest, IndexFolder.bitsOfOthers] {
            let filter = BlockedFilter(count: 50_000, bits: bits)
            for number in 0..<50_000 { filter.insert(SampleEntries.id(number)) }
            #expect((0..<50_000).allSatisfy { filter.mayContain(SampleEntries.id($0)) })
            let wrong = (50_000..<150_000).count { filter.mayContain(SampleEntries.id($0)) }
            #expect(wrong < 500)
        }
    }

    @Test("a checksum of pieces is that of the whole")
    func runningChecksum() {
        let bytes = SampleBytes.random(1000, seed: 4)
        for count in [0, 1, 31, 32, 33, 64, 999, 1000] {
            for piece in [1, 7, 32, 33, 500, 1000] {
                var running = RunningChecksum()
                for start in stride(from: 0, to: count, by: piece) {
                    let some = Array(bytes[start..<min(start + piece, count)])
                    running.update(some.span.bytes)
                }
                let whole = Array(bytes.prefix(count))
                let expected = Checksum.xxh64(whole.span.bytes)
                #expect(running.value == expected)
            }
        }
    }
}
