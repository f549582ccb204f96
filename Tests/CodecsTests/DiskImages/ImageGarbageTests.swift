import Engine
import EngineContracts
import Testing

@testable import Codecs

/// Bytes that no program wrote, half of them with the signatures and checksums that a format is known by.
@Suite("Garbage is no image")
struct ImageGarbageTests {
    @Test("no reader or checker traps, or takes it for a sound image", arguments: ["qcow2", "vhd", "vhdx", "vmdk"])
    func garbage(_ type: String) async {
        await #expect(processExitsWith: .success) { [type] in
            let before = QCOW2Hostile.memory
            for seed in ImageSamples.fuzzInputs {
                do {
                    try await ImageSamples.tryOut(ImageGarbage.bytes(type, seed), as: type)
                } catch let error as EngineError where error.kind != .bug {
                    // What keeps it from being read is as good as any other.
                }
                try #require(QCOW2Hostile.memory < before + 256 << 20, "\(type) \(seed)")
            }
        }
    }
}

enum ImageGarbage {
    /// The same garbage for the same seed.
    static func bytes(_ type: String, _ seed: UInt64) -> [UInt8] {
        let dice = SampleBytes.random(8, seed: seed).map { Int($0) }
        let sizes = [0, 511, 512, 1024, 4096, type == "vhdx" ? 336_000 : 70_000]
        let count = sizes[dice[0] % sizes.count] + dice[1] % 3 * dice[2]
        var bytes = SampleBytes.random(count, seed: seed)
        if dice[3] % 2 == 0 { thin(&bytes) }
        if dice[4] % 2 == 0 { sign(&bytes, as: type, dice[5]) }
        return bytes
    }

    /// Makes most words zeros and small numbers, as in tables.
    private static func thin(_ bytes: inout [UInt8]) {
        for word in stride(from: 0, to: bytes.count - 7, by: 8) {
            let kind = bytes[word] % 8
            let kept = kind < 5 ? 0..<0 : kind == 5 ? 0..<1 : kind == 6 ? 7..<8 : 5..<8
            for index in 0..<8 where !kept.contains(index) { bytes[word + index] = 0 }
        }
    }

    private static func sign(_ bytes: inout [UInt8], as type: String, _ choice: Int) {
        func put(_ value: [UInt8], at offset: Int) {
            guard offset >= 0, offset + value.count <= bytes.count else { return }
            bytes.replaceSubrange(offset..<(offset + value.count), with: value)
        }
        func write(_ text: String, at offset: Int) { put(Array(text.utf8), at: offset) }
        switch type {
        case "qcow2": put([0x51, 0x46, 0x49, 0xFB, 0, 0, 0, UInt8(2 + choice % 2)], at: 0)
        case "vmdk":
            let starts = [
                "KDMV\u{3}\0\0\0", "KDMV\u{1}\0\0\0", "COWD\u{1}\0\0\0", "# Disk DescriptorFile\nversion=1\n",
            ]
            write(starts[choice % starts.count], at: 0)
        case "vhd":
            for footer in [0, bytes.count - VHDFooter.size] {
                write("conectix", at: footer)
                put([0, 1, 0, 0], at: footer + 12)
                put([0, 0, 0, 0, 0, 0, 2, 0], at: footer + 16)
                put([0, 0, 0, UInt8(2 + choice % 3)], at: footer + 60)
            }
            write("cxsparse", at: 512)
            put([0, 1, 0, 0, 0, 0, 1, 0, 0, 0x20, 0, 0], at: 512 + 24)
            guard bytes.count >= 2048 else { return }
            var image = VHDBytes(bytes: bytes)
            image.seal()
            bytes = image.bytes
        default:
            write("vhdxfile", at: 0)
            for header in VHDXBytes.headers {
                write("head", at: header)
                put([0, 0, 1, 0], at: header + 64)
            }
            for table in VHDXBytes.regionTables {
                write("regi", at: table)
                put([UInt8(choice % 5), 0, 0, 0], at: table + 8)
                put(VHDXLayout.tableRegion.microsoft, at: table + 16)
                put(VHDXLayout.metadataRegion.microsoft, at: table + 48)
            }
            var image = VHDXBytes(bytes: bytes)
            image.seal()
            bytes = image.bytes
        }
    }
}
