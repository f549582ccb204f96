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
        Case("a blob in two packs counts once, and both copies are known") { make in
            let index = try make()
            index.record([entry(1)])
            index.record([copy(1, inPackOf: 200)])
            index.record([entry(1)])
            try require(index.count == 1, "\(index.count) blobs instead of 1")
            let copies = index.copies(of: digest(1))
            try require(copies.count == 2, "\(copies.count) copies instead of 2")
            for wanted in [entry(1), copy(1, inPackOf: 200)] {
                try require(copies.contains(wanted.location), "a copy is not named")
            }
            try require(copies.contains { $0 == index.location(of: digest(1)) }, "the blob has a third place")
            try require(index.copies(of: digest(2)).isEmpty, "a blob that nobody stored has copies")
        },
        Case("a blob whose every copy is to be avoided is still found, but new for one asker") { make in
            let index = try make()
            index.record([entry(1), entry(200)])
            index.avoid(AvoidedCopies(packs: [entry(1).location.pack]))
            try require(index.location(of: digest(1)) == entry(1).location, "the only copy is not named any more")
            try require(!index.holds(digest(1)) && index.holds(digest(200)), "the wrong blobs count as held")
            try require(index.claim(digest(1)) == .new, "a copy to be avoided is relied on")
            try require(index.claim(digest(1)) == .pending, "two askers store the blob")
            index.record([copy(1, inPackOf: 300)])
            try require(index.holds(digest(1)), "the new copy does not count")
            let known = index.claim(digest(1))
            try require(known == .stored(copy(1, inPackOf: 300).location), "the new copy is not preferred")
            try require(index.count == 2, "\(index.count) blobs instead of 2")
        },
        Case("the other copies of a blob are preferred, whichever came first") { make in
            let index = try make()
            index.record([entry(1), entry(2)])
            index.record([copy(1, inPackOf: 200), copy(2, inPackOf: 200)])
            index.avoid(AvoidedCopies(packs: [entry(1).location.pack]))
            for number in [1, 2] {
                let wanted = copy(number, inPackOf: 200).location
                try require(index.location(of: digest(number)) == wanted, "a copy to be avoided is named first")
                try require(index.claim(digest(number)) == .stored(wanted), "a copy to be avoided is relied on")
                try require(index.copies(of: digest(number)).first == wanted, "the copies are in the wrong order")
            }
            index.avoid(AvoidedCopies(packs: [entry(200).location.pack]))
            try require(index.location(of: digest(1)) == entry(1).location, "what to avoid was not replaced")
        },
        Case("single copies can be avoided, and no longer") { make in
            let index = try make()
            try index.add(IndexRun(name: "run-1", entries: (0..<50).map(entry).sorted { $0.id < $1.id }))
            index.avoid(AvoidedCopies(blobs: [BlobCopy(id: digest(7), pack: entry(7).location.pack)]))
            try require(!index.holds(digest(7)) && index.holds(digest(8)), "the wrong blobs count as held")
            try require(index.location(of: digest(7)) == entry(7).location, "the only copy is not named any more")
            index.avoid(AvoidedCopies())
            try require(index.claim(digest(7)) == .stored(entry(7).location), "a copy is avoided for ever")
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

    /// The blob `number` once more, in the pack of another one.
    private static func copy(_ number: Int, inPackOf other: Int) -> BlobEntry {
        BlobEntry(id: digest(number), location: entry(other).location)
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
