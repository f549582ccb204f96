import EngineContracts
import Testing

@testable import Engine

@Suite("The digest of a disk that is being read")
struct ContentDigestTests {
    @Test("it is that of all bytes, in whatever order reads finish", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func shuffled(seed: UInt64) async throws {
        let disk = PatternDisk.random(size: 24 << 20, seed: seed)
        disk.shuffle()
        let digesting = ContentDigest(of: disk)
        try await DiskPieces(digesting).forEachPiece(within: 64 << 10) { _ throws(EngineError) in }
        #expect(try await digesting.value() == Digest.sha256(disk.bytes.span.bytes))
    }

    @Test("a disk of zeros has one, and so has one of no bytes")
    func zeros() async throws {
        let disk = PatternDisk(size: (1 << 20) + 512, islands: [])
        #expect(try await ContentDigest(of: disk).value() == Digest.sha256(disk.bytes.span.bytes))
        let empty = PatternDisk(size: 0, islands: [])
        #expect(try await ContentDigest(of: empty).value() == Digest.sha256([UInt8]().span.bytes))
    }

    @Test("what was not read, or read twice, gives none")
    func incomplete() async throws {
        let disk = PatternDisk(size: 1 << 20, islands: [ByteRange(0, 4096), ByteRange(8192, 12288)])
        let partly = ContentDigest(of: disk)
        try await partly.read(ByteRange(0, 4096), into: Buffer(capacity: 4096))
        #expect(try await partly.value() == nil)
        let twice = ContentDigest(of: disk)
        for _ in 0..<2 { try await twice.read(ByteRange(0, 12288), into: Buffer(capacity: 12288)) }
        #expect(try await twice.value() == nil)
    }

    @Test("a read that fails ends those that wait for it")
    func failure() async throws {
        let disk = PatternDisk(size: 8 << 20, islands: [ByteRange(0, 8 << 20)])
        disk.shuffle()
        disk.breakReads(from: 3 << 20)
        let digesting = ContentDigest(of: disk)
        await #expect(throws: EngineError.self) {
            try await DiskPieces(digesting).forEachPiece(within: 64 << 10) { _ throws(EngineError) in }
        }
        #expect(try await digesting.value() == nil)
    }
}
