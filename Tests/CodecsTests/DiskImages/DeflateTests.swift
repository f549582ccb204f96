import Engine
import EngineContracts
import Synchronization
import Testing

@testable import Codecs

@Suite("Deflate for disk images")
struct DeflateTests {
    private static let samples: [[UInt8]] = [
        [0], [1, 2, 3], SampleBytes.text(65_536, seed: 1), SampleBytes.random(65_536, seed: 2),
        [UInt8](repeating: 7, count: 65_536), SampleBytes.text(2 << 20, seed: 3),
        SampleBytes.random(30_000, seed: 4) + [UInt8](repeating: 0, count: 35_536),
    ]

    private struct Engine: Sendable {
        let name: String
        let wrapper: DeflateWrapper
        let make: @Sendable () -> any DeflateEngine
    }

    /// Every engine there is, and what it wraps its streams in.
    private static let engines: [Engine] = {
        var engines: [Engine] = []
        for wrapper in DeflateWrapper.allCases {
            for level in 1...3 as ClosedRange<UInt32> {
                engines.append(Engine(name: "ISA-L \(level)", wrapper: wrapper) { ISALDeflate(level: level, wrapper) })
            }
            for level in [1, 4, 9] as [Int32] {
                engines.append(Engine(name: "zlib \(level)", wrapper: wrapper) { ZlibDeflate(level: level, wrapper) })
            }
        }
        for wrapper in [DeflateWrapper.zlib, .raw] {
            for level in [1, 5, 7, 12] as [Int32] {
                engines.append(
                    Engine(name: "libdeflate \(level)", wrapper: wrapper) { LibdeflateDeflate(level: level, wrapper) })
            }
        }
        return engines
    }()

    private static func deflate(_ bytes: [UInt8], _ encoder: DeflateEncoder) throws -> [UInt8] {
        let output = Buffer(capacity: DeflateEncoder.bound(bytes.count))
        let count = try encoder.encode(bytes.span.bytes, into: output)
        #expect(count == output.count)
        return output.array
    }

    private static func inflate(_ bytes: [UInt8], _ decoder: DeflateDecoder, most: Int) throws -> [UInt8] {
        let output = Buffer(capacity: most)
        let count = try decoder.decode(bytes.span.bytes, into: output, most: most)
        #expect(count == output.count)
        return output.array
    }

    @Test("what any engine wrote is read again, and by zlib in small steps too", arguments: engines.indices)
    func roundTrip(_ index: Int) throws {
        let engine = Self.engines[index]
        let encoder = DeflateEncoder(engine.make())
        let decoder = DeflateDecoder(engine.wrapper)
        for sample in Self.samples {
            let stream = try Self.deflate(sample, encoder)
            let isSame = ImageSamples.areEqual(try Self.inflate(stream, decoder, most: sample.count), sample)
            let isSameWithMoreBehind = ImageSamples.areEqual(
                try Self.inflate(stream + [1, 2, 3], decoder, most: sample.count + 9), sample)
            #expect(isSame && isSameWithMoreBehind, "\(engine.name), \(sample.count) bytes")
            let again = SmallStepInflater(windowBits: engine.wrapper.windowBits).inflate(stream)
            let isSameByZlib = ImageSamples.areEqual(again ?? [], sample)
            #expect(isSameByZlib, "\(engine.name), \(sample.count) bytes")
        }
    }

    @Test("the same bytes become the same stream, whatever was deflated before", arguments: engines.indices)
    func deterministic(_ index: Int) throws {
        let engine = Self.engines[index]
        let encoder = DeflateEncoder(engine.make())
        let first = try Self.samples.map { try Self.deflate($0, encoder) }
        let second = try Self.samples.reversed().map { try Self.deflate($0, encoder) }
        let fresh = try Self.samples.map { try Self.deflate($0, DeflateEncoder(engine.make())) }
        let areSame = first == second.reversed() && first == fresh
        #expect(areSame, "\(engine.name)")
    }

    @Test("more effort never makes text larger", arguments: DeflateWrapper.allCases)
    func efforts(_ wrapper: DeflateWrapper) throws {
        let text = SampleBytes.text(65_536, seed: 9)
        let sizes = try [DeflateEffort.fast, .balanced, .small].map {
            try Self.deflate(text, DeflateEncoder($0, wrapper)).count
        }
        #expect(sizes == sizes.sorted(by: >))
    }

    @Test("a stream that is damaged, cut off or too large is `corrupt`", arguments: DeflateWrapper.allCases)
    func damaged(_ wrapper: DeflateWrapper) throws {
        let sample = SampleBytes.text(65_536, seed: 5)
        let stream = try Self.deflate(sample, DeflateEncoder(.balanced, wrapper))
        let decoder = DeflateDecoder(wrapper)
        for bytes in [
            [], [0], Array(stream.prefix(stream.count / 2)), Array(stream.dropLast(wrapper == .zlib ? 1 : 3)),
        ] {
            let error = #expect(throws: EngineError.self) { try Self.inflate(bytes, decoder, most: sample.count) }
            #expect(error?.kind == .corrupt)
        }
        let tooLarge = #expect(throws: EngineError.self) {
            try Self.inflate(stream, decoder, most: sample.count - 1)
        }
        #expect(tooLarge?.kind == .corrupt)
        let livesOn = try Self.inflate(stream, decoder, most: sample.count) == sample
        #expect(livesOn)
    }

    @Test("a flipped bit in a zlib wrapper is always found")
    func flippedBits() throws {
        let sample = SampleBytes.text(5000, seed: 6)
        let stream = try Self.deflate(sample, DeflateEncoder(.balanced, .zlib))
        let decoder = DeflateDecoder(.zlib)
        var unnoticed = 0
        for bit in 16..<(stream.count * 8) {
            var hostile = stream
            hostile[bit / 8] ^= 1 << (bit % 8)
            // Bits that fill the last byte before the checksum mean nothing.
            let isNoticed = (try? Self.inflate(hostile, decoder, most: sample.count)).map { $0 == sample } ?? true
            if !isNoticed { unnoticed += 1 }
        }
        #expect(unnoticed == 0)
    }

    @Test(
        "random bytes never trap the reader, and never become more than their room", arguments: DeflateWrapper.allCases)
    func hostile(_ wrapper: DeflateWrapper) throws {
        let decoder = DeflateDecoder(wrapper)
        for seed in 1..<3000 as Range<UInt64> {
            let head: [UInt8] = wrapper == .zlib ? [0x78, 0x9C] : []
            let bytes = head + SampleBytes.random(Int(seed * 37 % 3000) + 1, seed: seed)
            let output = Buffer(capacity: 9000)
            _ = try? decoder.decode(bytes.span.bytes, into: output, most: 8192)
            #expect(output.count <= 8192)
        }
    }

    @Test("blocks come in order with zeros left out, framed as asked for", arguments: [4096, 65_536, 2 << 20])
    func blocks(_ blockSize: Int) async throws {
        let size = 5 * (2 << 20) + 777
        var disk = [UInt8](repeating: 0, count: size)
        let data = SampleBytes.text(700_000, seed: 8)
        for start in [0, 3 << 20, size - data.count] { disk.replaceSubrange(start..<(start + data.count), with: data) }
        let folder = MemoryImages()
        folder["disk"] = disk
        let progress = Mutex<[UInt64]>([])
        let blocks = DeflatedBlocks(
            try folder.storage("disk"), blockSize: blockSize,
            frame: DeflatedBlocks.Frame(prefix: 12, alignment: 512),
            progress: { done in progress.withLock { $0.append(done) } }, encoder: { DeflateEncoder(.fast, .zlib) })
        let found = Found()
        try await blocks.forEachPiece { piece in
            for block in piece.blocks {
                #expect((block.stream.lowerBound - 12) % 512 == 0)
                let stream = piece.deflated.withBytes(block.stream) { $0.withUnsafeBytes { Array($0) } }
                let raw = piece.raw.withBytes(block.raw) { $0.withUnsafeBytes { Array($0) } }
                let isSame = ImageSamples.areEqual(
                    (try? Self.inflate(stream, found.decoder, most: blockSize)) ?? [], raw)
                #expect(isSame)
                found.blocks.append((Int(block.offset), raw))
            }
            #expect(piece.deflated.count % 512 == 0)
        }
        var expected: [Int] = []
        for start in stride(from: 0, to: size, by: blockSize)
        where disk[start..<min(start + blockSize, size)].contains(where: { $0 != 0 }) {
            expected.append(start)
        }
        #expect(found.blocks.map(\.0) == expected)
        for (start, raw) in found.blocks {
            let end = min(start + blockSize, size)
            let isSame = ImageSamples.areEqual(Array(raw.prefix(end - start)), Array(disk[start..<end]))
            let isFilledWithZeros = raw.dropFirst(end - start).allSatisfy { $0 == 0 }
            #expect(isSame && isFilledWithZeros, "the block at \(start)")
        }
        #expect(progress.withLock { $0 == $0.sorted() && $0.last == UInt64(size) })
    }

    private final class Found {
        var blocks: [(Int, [UInt8])] = []
        let decoder = DeflateDecoder(.zlib)
    }
}
