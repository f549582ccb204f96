import Testing

@testable import Engine

@Suite("Regions read again")
struct HealingRegionsTests {
    private func map(_ ranges: (UInt64, UInt64, Bool)...) -> RegionMap {
        RegionMap(
            coverage: .changes, regions: ranges.map { RegionMap.Region(ByteRange($0.0, $0.1), isZero: $0.2) })
    }

    private func words(_ map: RegionMap) -> [String] {
        map.regions.map { "\($0.range.start)–\($0.range.end)\($0.isZero ? " zero" : "")" }
    }

    @Test("are added where the map says nothing, and nowhere else")
    func merging() throws {
        let before = map((10, 20, false), (30, 40, true))
        #expect(words(before.reading([])) == ["10–20", "30–40 zero"])
        #expect(words(before.reading([ByteRange(0, 5)])) == ["0–5", "10–20", "30–40 zero"])
        #expect(words(before.reading([ByteRange(5, 15)])) == ["5–10", "10–20", "30–40 zero"])
        #expect(
            words(before.reading([ByteRange(0, 50)])) == ["0–10", "10–20", "20–30", "30–40 zero", "40–50"])
        #expect(words(before.reading([ByteRange(12, 18), ByteRange(32, 36)])) == ["10–20", "30–40 zero"])
        #expect(
            words(before.reading([ByteRange(15, 22), ByteRange(25, 35), ByteRange(38, 41)]))
                == ["10–20", "20–22", "25–30", "30–40 zero", "40–41"])
        #expect(words(map().reading([ByteRange(1, 2)])) == ["1–2"])
    }

    @Test("random maps keep their order and hold all that was asked for")
    func random() throws {
        var generator = SeededGenerator(seed: 11)
        func ranges(_ count: Int) -> [ByteRange] {
            var position: UInt64 = 0
            return (0..<count).map { _ in
                let start = position + .random(in: 0..<4, using: &generator)
                position = start + .random(in: 1..<5, using: &generator)
                return ByteRange(start, position)
            }
        }
        for _ in 0..<300 {
            let known = ranges(6)
            let wanted = ranges(6)
            let before = RegionMap(
                coverage: .changes, regions: known.map { RegionMap.Region($0, isZero: $0.start % 2 == 0) })
            let after = try before.reading(wanted).validated(size: 1000)
            func bytes(_ ranges: [ByteRange]) -> Set<UInt64> { Set(ranges.flatMap { Array($0.start..<$0.end) }) }
            #expect(bytes(after.regions.map(\.range)) == bytes(known).union(bytes(wanted)))
            #expect(
                bytes(after.regions.filter(\.isZero).map(\.range))
                    == bytes(before.regions.filter(\.isZero).map(\.range)))
        }
    }
}
