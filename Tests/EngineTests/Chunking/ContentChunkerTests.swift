import Testing

@testable import Engine

@Suite("Cutting by content")
struct ContentChunkerTests {
    private let unit = RepositoryFormat.unit

    private func random(_ units: Int, seed: UInt64) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        let words = (0..<(units * unit / 8)).map { _ in generator.next() }
        return words.withUnsafeBytes { Array($0) }
    }

    private func pieces(
        _ bytes: [UInt8], along earlier: [Chunker.Piece] = [], average: Int = 64 << 10
    ) -> [Chunker.Piece] {
        ContentChunker(average: average).pieces(of: bytes.span.bytes, along: earlier) { Digest.sha256($0) }
    }

    private func id(_ bytes: [UInt8], _ range: Range<Int>) -> Digest {
        let part = Array(bytes[range])
        return Digest.sha256(part.span.bytes)
    }

    private func chunks(_ bytes: [UInt8], _ pieces: [Chunker.Piece]) -> Set<[UInt8]> {
        Set(pieces.map { Array(bytes[$0.range]) })
    }

    @Test("pieces are all data in order, on units, and no longer than four averages", arguments: [32, 64, 256, 1024])
    func shape(kibibytes: Int) {
        let chunker = ContentChunker(average: kibibytes << 10)
        let bytes = random(1024, seed: 1)
        let pieces = pieces(bytes, average: chunker.average)
        #expect(pieces.first?.range.lowerBound == 0)
        #expect(pieces.last?.range.upperBound == bytes.count)
        for (one, next) in zip(pieces, pieces.dropFirst()) {
            #expect(one.range.upperBound == next.range.lowerBound)
            #expect(one.range.upperBound % unit == 0)
            #expect((chunker.least...chunker.largest).contains(one.range.count))
        }
    }

    @Test("chunks are about as long as asked for")
    func average() {
        let count = (1...8).reduce(0) { $0 + pieces(random(1024, seed: $1)).count }
        let mean = 8 * 1024 * unit / count
        #expect((48 << 10)...(112 << 10) ~= mean)
    }

    @Test("a unit of zeros is in no piece and ends the one before it")
    func zeros() {
        var bytes = random(200, seed: 2)
        for zero in [0, 50, 51, 199] {
            bytes.replaceSubrange((zero * unit)..<((zero + 1) * unit), with: repeatElement(0, count: unit))
        }
        let covered = pieces(bytes).flatMap { ($0.range.lowerBound / unit)..<($0.range.upperBound / unit) }
        #expect(covered == Array(1..<50) + Array(52..<199))
        #expect(pieces([UInt8](repeating: 0, count: 10 * unit)).isEmpty)
    }

    @Test("the disk's end may cut the last unit")
    func cutEnd() {
        let bytes = Array(random(30, seed: 3).dropLast(unit - 512))
        #expect(pieces(bytes).last?.range.upperBound == bytes.count)
    }

    @Test("equal data at other units gives mostly equal chunks")
    func shifted() {
        let data = random(700, seed: 4)
        let first = random(3, seed: 5) + data
        let second = random(40, seed: 6) + data
        let shared = chunks(first, pieces(first)).intersection(chunks(second, pieces(second)))
        #expect(shared.reduce(0) { $0 + $1.count } > data.count * 8 / 10)
    }

    @Test("along earlier chunks only what differs is cut anew, wherever the earlier ones were cut")
    func alongEarlier() {
        let before = random(300, seed: 7)
        let cuts = [0, 17, 40, 100, 104, 111, 150, 220, 300]
        let earlier = zip(cuts, cuts.dropFirst()).map { start, end in
            let range = (start * unit)..<(end * unit)
            return Chunker.Piece(range: range, id: id(before, range))
        }
        #expect(pieces(before, along: earlier) == earlier)
        var now = before
        now[120 * unit] ^= 1
        let result = pieces(now, along: earlier)
        #expect(result.filter { $0.id != nil } == earlier.filter { $0.range.lowerBound != 111 * unit })
        let anew = result.filter { $0.id == nil }
        #expect(anew.first?.range.lowerBound == 111 * unit && anew.last?.range.upperBound == 150 * unit)
    }

    @Test("earlier chunks that reach beyond the data or into zeros are left aside")
    func unfitEarlier() {
        var bytes = random(64, seed: 8)
        bytes.replaceSubrange((20 * unit)..<(21 * unit), with: repeatElement(0, count: unit))
        let range = (10 * unit)..<(30 * unit)
        let spanning = Chunker.Piece(range: range, id: id(bytes, range))
        #expect(pieces(bytes, along: [spanning]) == pieces(bytes))
    }

    @Test("data that is changed throughout is not hashed twice throughout")
    func patience() {
        let bytes = random(1024, seed: 9)
        let earlier = stride(from: 0, to: 1024, by: 16).map {
            Chunker.Piece(range: ($0 * unit)..<(($0 + 16) * unit), id: Digest(words: (0, 0, 0, 1)))
        }
        var hashed = 0
        let result = ContentChunker(average: 64 << 10).pieces(of: bytes.span.bytes, along: earlier) { bytes in
            hashed += bytes.byteCount
            return Digest.sha256(bytes)
        }
        #expect(result == pieces(bytes))
        #expect(hashed <= 9 * 16 * unit)
    }
}
