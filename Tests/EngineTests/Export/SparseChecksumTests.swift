import EngineContracts
import Testing

@testable import Engine

@Suite("The checksum of a file with holes")
struct SparseChecksumTests {
    private static let size = 1 << 20 + 777

    /// Data at both ends and across a border of blocks, zeros between.
    private static let bytes: [UInt8] = {
        var bytes = [UInt8](repeating: 0, count: size)
        for place in [0..<70_000, 131_000..<131_200, 900_000..<900_001, size - 10..<size] {
            bytes.replaceSubrange(place, with: SampleBytes.random(place.count, seed: UInt64(place.lowerBound)))
        }
        return bytes
    }()

    private static func sum(_ bytes: [UInt8], in pieces: [Int] = []) -> UInt64 {
        var sum = SparseChecksum()
        var offset = 0
        for piece in pieces + [bytes.count] where offset < bytes.count {
            let end = min(bytes.count, offset + piece)
            sum.append(bytes.span.bytes.extracting(offset..<end))
            offset = end
        }
        return sum.value
    }

    @Test("is the same however the bytes are cut", arguments: [1, 511, 4096, 65_535, 65_536, 65_537, 200_000])
    func pieces(_ size: Int) {
        let count = Self.bytes.count / size + 1
        #expect(Self.sum(Self.bytes, in: [Int](repeating: size, count: count)) == Self.sum(Self.bytes))
    }

    @Test("is the same whether zeros come as bytes or as a hole")
    func holes() {
        var sum = SparseChecksum()
        sum.append(Self.bytes.span.bytes.extracting(0..<70_000))
        sum.appendZeros(to: 130_900)
        sum.appendZeros(to: 130_950)
        sum.append(Self.bytes.span.bytes.extracting(130_950..<131_300))
        sum.appendZeros(to: 899_000)
        sum.append(Self.bytes.span.bytes.extracting(899_000..<901_000))
        sum.appendZeros(to: UInt64(Self.size - 10))
        #expect(sum.count == UInt64(Self.size - 10))
        sum.append(Self.bytes.span.bytes.extracting(Self.size - 10..<Self.size))
        #expect(sum.value == Self.sum(Self.bytes))
    }

    @Test("changes with any byte, with its place, and with the number of bytes")
    func changes() {
        let sum = Self.sum(Self.bytes)
        for place in [0, 69_999, 100_000, 131_072, 500_000, 900_000, Self.size - 1] {
            var other = Self.bytes
            other[place] ^= 1
            #expect(Self.sum(other) != sum, "byte \(place)")
        }
        #expect(Self.sum([0] + Self.bytes.dropLast()) != sum)
        #expect(Self.sum(Self.bytes + [0]) != sum)
        let zeros = [0, 1, 65_536, 1 << 20].map { Self.sum([UInt8](repeating: 0, count: $0)) }
        #expect(Set(zeros).count == zeros.count)
    }

    @Test("a hole of any size is passed at once")
    func vast() {
        var sum = SparseChecksum()
        sum.append(Self.bytes.span.bytes.extracting(0..<100))
        sum.appendZeros(to: UInt64(1) << 62 + 5)
        sum.append(Self.bytes.span.bytes.extracting(0..<100))
        #expect(sum.count == UInt64(1) << 62 + 105)
    }
}
