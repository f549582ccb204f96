public import Engine

/// What every dedup index promises.
public enum DedupIndexContract {
    /// Makes an empty index.
    public typealias Maker = @Sendable () throws -> any DedupIndex
    public typealias Case = ContractCase<Maker>

    public static let cases: [Case] = [
        Case("an empty index knows nothing") { make in
            let index = try make()
            try require(index.count == 0 && index.location(of: digest(1)) == nil, "an empty index knows something")
        },
        Case("a claim is new once, then pending, and stored when recorded") { make in
            let index = try make()
            try require(index.claim(digest(1)) == .new, "the first claim is not new")
            try require(index.claim(digest(1)) == .pending, "the second claim is not pending")
            try require(index.location(of: digest(1)) == nil, "a claim has a location before it is recorded")
            index.record([entry(1)])
            try require(index.claim(digest(1)) == .stored(entry(1).location), "a recorded blob is not stored")
            try require(index.location(of: digest(1)) == entry(1).location, "a recorded blob has no location")
            try require(index.count == 1, "\(index.count) blobs instead of 1")
        },
        Case("an abandoned claim is new for the next one") { make in
            let index = try make()
            _ = index.claim(digest(1))
            _ = index.claim(digest(2))
            index.abandon([digest(1)])
            try require(index.claim(digest(1)) == .new, "an abandoned claim is not given out again")
            try require(index.claim(digest(2)) == .pending, "a claim was lost with another's abandoning")
            try require(index.count == 0, "claims count as blobs")
        },
        Case("abandoning what is stored, or was never claimed, does no harm") { make in
            let index = try make()
            index.record([entry(1)])
            index.abandon([digest(1), digest(2)])
            try require(index.location(of: digest(1)) == entry(1).location, "a stored blob was abandoned")
            try require(index.claim(digest(2)) == .new, "a blob nobody claimed is not new")
        },
        Case("a run of entries is known, and adding it twice changes nothing") { make in
            let index = try make()
            let run = IndexRun(name: "run-1", entries: (0..<5000).map(entry).sorted { $0.id < $1.id })
            try index.add(run)
            try index.add(run)
            try require(index.count == 5000, "\(index.count) blobs instead of 5000")
            for number in 0..<5000 {
                try require(index.location(of: digest(number)) == entry(number).location, "blob \(number) is wrong")
            }
            try require(index.location(of: digest(5001)) == nil, "a blob that was not added is known")
        },
        Case("a run settles claims that were open, and an empty run changes nothing") { make in
            let index = try make()
            _ = index.claim(digest(3))
            try index.add(IndexRun(name: "empty", entries: []))
            try index.add(IndexRun(name: "run-1", entries: [entry(3)]))
            try require(index.claim(digest(3)) == .stored(entry(3).location), "the run's blob is not stored")
        },
        Case("a blob in two packs counts once") { make in
            let index = try make()
            index.record([entry(1)])
            index.record([BlobEntry(id: digest(1), location: entry(2).location)])
            try require(index.count == 1, "\(index.count) blobs instead of 1")
            let known = index.location(of: digest(1))
            try require(known == entry(1).location || known == entry(2).location, "the blob has a third place")
        },
        Case("of many threads exactly one gets each claim") { make in
            let index = try make()
            let news = await withTaskGroup(of: [Int].self) { group in
                for start in 0..<8 {
                    group.addTask {
                        (0..<4000).map { ($0 * 7 + start * 500) % 4000 }.filter { index.claim(digest($0)) == .new }
                    }
                }
                return await group.reduce(into: []) { $0 += $1 }
            }
            try require(news.sorted() == Array(0..<4000), "\(news.count) claims for 4000 blobs")
        },
        Case("claims, records and look-ups from many threads agree") { make in
            let index = try make()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        for number in (0..<3000).map({ ($0 + worker * 300) % 3000 }) {
                            switch index.claim(digest(number)) {
                            case .new where number % 5 == worker % 5: index.abandon([digest(number)])
                            case .new: index.record([entry(number)])
                            case .stored(let location):
                                try require(location == entry(number).location, "blob \(number) is elsewhere")
                            case .pending: continue
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            for number in 0..<3000 where index.claim(digest(number)) == .new { index.record([entry(number)]) }
            try require(index.count == 3000, "\(index.count) blobs instead of 3000")
        },
    ]

    /// A digest as SHA-256 makes them: random in all its words.
    private static func digest(_ number: Int) -> Digest {
        Digest(SampleBytes.random(32, seed: UInt64(number) &* 0x1_0000_0001 &+ 12345).span.bytes)
    }

    private static func entry(_ number: Int) -> BlobEntry {
        let pack = PackID(words: (UInt64(number / 100), 7))
        return BlobEntry(
            id: digest(number),
            location: BlobLocation(
                pack: pack, kind: .data, offset: UInt32(number % 100) << 16, storedCount: 30_000 + UInt32(number % 50),
                rawCount: 65_536, codec: CodecID.zstd))
    }
}
