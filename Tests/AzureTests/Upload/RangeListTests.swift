import Engine
import Testing

@testable import Azure

@Suite("Lists of ranges")
struct RangeListTests {
    /// The bytes of a list.
    private func set(_ ranges: [ByteRange]) -> Set<UInt64> { Set(ranges.flatMap { $0.start..<$0.end }) }

    private func random(_ seed: Int) -> [ByteRange] {
        var ranges: [ByteRange] = []
        var position = UInt64(seed % 3)
        for step in 0..<8 {
            let count = UInt64((seed &* 7 + step &* 5) % 6 + 1)
            ranges.append(ByteRange(start: position, count: count))
            position += count + UInt64((seed &+ step &* 3) % 4 + 1)
        }
        return ranges
    }

    @Test("what two have in common, what one lacks, and both", arguments: 0..<20)
    func operations(seed: Int) {
        let (a, b) = (random(seed), random(seed &* 13 + 5))
        #expect(set(RangeList.intersection(a, b)) == set(a).intersection(set(b)))
        #expect(set(RangeList.difference(a, b)) == set(a).subtracting(set(b)))
        #expect(set(RangeList.union(a, RangeList.difference(b, a))) == set(a).union(set(b)))
        let limit = ByteRange(7, 23)
        #expect(set(RangeList.cut(a, to: limit)) == set(a).intersection(set([limit])))
        #expect(RangeList.count(a) == UInt64(set(a).count))
    }
}
