import Codecs
import Engine
import EngineContracts
import Logging
import Testing

@Suite("The codecs write the formats they name")
struct CodecFormatTests {
    private func codec(_ name: String, _ key: String? = nil, _ value: String = "") throws -> any Codec {
        let choice =
            key.map { CodecContractTests.choice(name, $0, value) }
            ?? PluginChoice(type: name, settings: .empty(at: "test:1:1"))
        return try Registry<any Codec>.builtin.make(choice, in: PluginContext(logger: Logger(label: "test")))
    }

    private func decode(_ bytes: [UInt8], _ rawCount: Int, _ codec: any Codec) throws -> [UInt8] {
        let output = Buffer(capacity: max(1, rawCount))
        try codec.decode(bytes.span.bytes, rawCount: rawCount, into: output)
        return output.array
    }

    private func encode(_ bytes: [UInt8], _ codec: any Codec) throws -> [UInt8] {
        let output = Buffer(capacity: codec.bound(bytes.count))
        try codec.encode(bytes.span.bytes, into: output)
        return output.array
    }

    /// 4096 times `a`, as the `zstd` and `lz4` commands and Python's zlib write it.
    private static let vectors: [(String, [UInt8])] = [
        (
            "zstd",
            [
                0x28, 0xB5, 0x2F, 0xFD, 0x60, 0x00, 0x0F, 0x4D, 0x00, 0x00, 0x10, 0x61, 0x61, 0x01, 0x00, 0xFB, 0xF7,
                0x01, 0x16,
            ]
        ),
        (
            "lz4",
            [0x1F, 0x61, 0x01, 0x00] + [UInt8](repeating: 0xFF, count: 15)
                + [0xF6, 0x50, 0x61, 0x61, 0x61, 0x61, 0x61]
        ),
        (
            "zlib",
            [
                0x78, 0x9C, 0xED, 0xC1, 0x01, 0x0D, 0x00, 0x00, 0x00, 0xC2, 0xA0, 0xAC, 0xEF, 0x5F, 0xC2, 0x1E, 0x0E,
                0x28, 0x00, 0x00, 0x00, 0xE0, 0xDD, 0x00, 0xEF, 0xCB, 0x10, 0x5B,
            ]
        ),
    ]

    @Test("vectors that others wrote decode", arguments: vectors.indices)
    func decodesVectors(_ index: Int) throws {
        let (name, bytes) = Self.vectors[index]
        #expect(try decode(bytes, 4096, codec(name)) == [UInt8](repeating: UInt8(ascii: "a"), count: 4096))
    }

    @Test("a zlib stream with a byte behind it is refused")
    func trailing() throws {
        let zlib = try codec("zlib")
        let encoded = try encode([1, 2, 3], zlib)
        #expect(throws: EngineError.self) { _ = try decode(encoded + [0], 3, zlib) }
    }

    @Test("text becomes smaller, with every codec but `none`, and a higher level never larger")
    func ratio() throws {
        let text = SampleBytes.text(1 << 20, seed: 1)
        let sizes = try ["none", "lz4", "zlib", "zstd"].map { try encode(text, codec($0)).count }
        #expect(sizes[0] == text.count)
        #expect(sizes[1...].allSatisfy { $0 < text.count / 2 })
        #expect(try encode(text, codec("zstd", "level", "19")).count < sizes[3])
    }

    @Test(
        "a level out of range is refused as configuration",
        arguments: [("zstd", "20"), ("zstd", "-8"), ("zlib", "0"), ("zlib", "10")])
    func levels(_ name: String, _ level: String) {
        let error = #expect(throws: EngineError.self) { _ = try codec(name, "level", level) }
        #expect(error?.kind == .configuration)
        #expect(error?.description.contains("`level`") == true)
    }

    @Test("the bound holds for bytes that no codec makes smaller", arguments: ["none", "lz4", "zlib", "zstd"])
    func bound(_ name: String) throws {
        let codec = try codec(name)
        for count in [1, 100, 65_536, 4 << 20] {
            #expect(try encode(SampleBytes.random(count, seed: 9), codec).count <= codec.bound(count))
        }
    }
}
