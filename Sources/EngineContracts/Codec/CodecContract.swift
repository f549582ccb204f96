public import Engine

/// What every codec promises.
public enum CodecContract {
    public typealias Case = ContractCase<any Codec>

    public static let cases: [Case] = [
        Case("what was encoded decodes to the same bytes, within the bound") { codec in
            for sample in samples {
                let encoded = try encode(sample, codec)
                try require(
                    try decode(encoded, sample.count, codec) == sample, "\(sample.count) bytes came back different")
            }
        },
        Case("encoding and decoding append behind what the buffer holds") { codec in
            let sample = SampleBytes.text(70_000, seed: 1)
            let encoded = Buffer(capacity: 3 + codec.bound(sample.count))
            encoded.append(([1, 2, 3] as [UInt8]).span.bytes)
            try codec.encode(sample.span.bytes, into: encoded)
            try require(Array(encoded.array.prefix(3)) == [1, 2, 3], "encoding overwrote what was there")
            let decoded = Buffer(capacity: 3 + sample.count)
            decoded.append(([4, 5, 6] as [UInt8]).span.bytes)
            try codec.decode(Array(encoded.array.dropFirst(3)).span.bytes, rawCount: sample.count, into: decoded)
            try require(decoded.array == [4, 5, 6] + sample, "decoding did not append")
        },
        Case("the same bytes encode alike, now and later") { codec in
            let sample = SampleBytes.text(65_536, seed: 2)
            let first = try encode(sample, codec)
            for other in samples { _ = try encode(other, codec) }
            try require(try encode(sample, codec) == first, "a second encoding differs")
        },
        Case("input that was cut off is `corrupt`") { codec in
            let sample = SampleBytes.text(65_536, seed: 3)
            let encoded = try encode(sample, codec)
            for count in [0, 1, 2, 5, encoded.count / 2, encoded.count - 1] {
                try requireCorrupt(
                    Array(encoded.prefix(count)), sample.count, codec, "\(count) of \(encoded.count) bytes")
            }
        },
        Case("a wrong count of raw bytes is `corrupt`") { codec in
            for sample in [SampleBytes.text(65_536, seed: 4), SampleBytes.random(4096, seed: 4)] {
                let encoded = try encode(sample, codec)
                for count in [0, 1, sample.count - 1, sample.count + 1, 2 * sample.count] {
                    try requireCorrupt(encoded, count, codec, "\(sample.count) bytes taken for \(count)")
                }
            }
        },
        Case("random bytes never trap, and never write past their room") { codec in
            for seed in 1..<400 as Range<UInt64> {
                let hostile = SampleBytes.random(Int(seed * 37 % 3000), seed: seed)
                try decodeHostile(hostile, 8192, codec)
            }
        },
        Case("a flipped bit anywhere never traps, and never writes past its room") { codec in
            let sample = SampleBytes.text(6000, seed: 5)
            let encoded = try encode(sample, codec)
            for bit in stride(from: 0, to: encoded.count * 8, by: 3) {
                var hostile = encoded
                hostile[bit / 8] ^= 1 << (bit % 8)
                try decodeHostile(hostile, sample.count, codec)
            }
        },
        Case("many threads may use one codec at once") { codec in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for seed in 0..<16 as Range<UInt64> {
                    group.addTask {
                        for round in 0..<20 as Range<UInt64> {
                            let sample = SampleBytes.text(20_000 + Int(seed), seed: seed * 100 + round)
                            let encoded = try encode(sample, codec)
                            try require(
                                try decode(encoded, sample.count, codec) == sample, "bytes of two threads mixed")
                        }
                    }
                }
                try await group.waitForAll()
            }
        },
    ]

    private static let samples: [[UInt8]] =
        [0, 1, 2, 15, 4096, 65_535, 65_536, 65_537, 1 << 20].flatMap { count in
            [
                SampleBytes.random(count, seed: 7), SampleBytes.text(count, seed: 8),
                [UInt8](repeating: 0, count: count),
            ]
        }

    static func encode(_ bytes: [UInt8], _ codec: any Codec) throws -> [UInt8] {
        let output = Buffer(capacity: max(1, codec.bound(bytes.count)))
        try codec.encode(bytes.span.bytes, into: output)
        return output.array
    }

    static func decode(_ bytes: [UInt8], _ rawCount: Int, _ codec: any Codec) throws -> [UInt8] {
        let output = Buffer(capacity: max(1, rawCount))
        try codec.decode(bytes.span.bytes, rawCount: rawCount, into: output)
        return output.array
    }

    private static func requireCorrupt(
        _ bytes: [UInt8], _ rawCount: Int, _ codec: any Codec, _ what: String
    ) throws {
        do {
            _ = try decode(bytes, rawCount, codec)
        } catch let error as EngineError {
            return try require(error.kind == .corrupt, "\(what): `\(error.kind.rawValue)` instead of `corrupt`")
        }
        throw ContractFailure("\(what): decoded without an error")
    }

    /// Decodes into the middle of marked memory: an error or as many bytes as asked for, and the marks stay.
    private static func decodeHostile(_ bytes: [UInt8], _ rawCount: Int, _ codec: any Codec) throws {
        let output = Buffer(capacity: rawCount + 64)
        output.memory.initializeMemory(as: UInt8.self, repeating: 0xA5)
        do {
            try codec.decode(bytes.span.bytes, rawCount: rawCount, into: output)
            try require(output.count == rawCount, "\(output.count) bytes instead of \(rawCount), without an error")
        } catch let error as EngineError {
            try require(error.kind == .corrupt, "damage is `\(error.kind.rawValue)`: \(error)")
            try require(output.count == 0, "an error, and yet \(output.count) bytes")
        }
        let marks = UnsafeRawBufferPointer(rebasing: output.memory[rawCount...])
        try require(marks.allSatisfy { $0 == 0xA5 }, "decoding wrote past its \(rawCount) bytes")
    }
}
