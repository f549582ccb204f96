import Testing

@testable import Engine

@Suite("Checksums")
struct ChecksumTests {
    /// Published vectors of XXH64 with seed 0, and lengths around the 32-byte stripes from the reference program.
    @Test(
        "XXH64 gives the published values",
        arguments: [
            ("", 0xEF46_DB37_51D8_E999 as UInt64),
            ("a", 0xD24E_C4F1_A98C_6E5B),
            ("abc", 0x44BC_2CF5_AD77_0999),
            ("xxhash", 0x32DD_3895_2C4B_C720),
        ])
    func vectors(text: String, expected: UInt64) {
        let bytes = Array(text.utf8)
        let found = Checksum.xxh64(bytes.span.bytes)
        #expect(found == expected)
    }

    @Test(
        "XXH64 of long inputs agrees with the reference program",
        arguments: [(32, 0xCBF5_9C51_16FF_32B4 as UInt64), (77, 0x93F8_5C1B_6280_EAD3)])
    func longVectors(count: Int, expected: UInt64) {
        let bytes = (0..<count).map { UInt8($0) }
        let found = Checksum.xxh64(bytes.span.bytes)
        #expect(found == expected)
    }

    @Test("one changed bit changes the checksum, wherever it is")
    func everyBitCounts() {
        var bytes = (0..<77).map { UInt8($0) }
        let before = Checksum.xxh64(bytes.span.bytes)
        for index in bytes.indices {
            bytes[index] ^= 0x10
            let after = Checksum.xxh64(bytes.span.bytes)
            #expect(after != before)
            bytes[index] ^= 0x10
        }
    }

    @Test("SHA-256 gives the published value for `abc`")
    func digest() {
        let bytes = Array("abc".utf8)
        let digest = Digest.sha256(bytes.span.bytes)
        #expect(
            digest.description
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("a digest survives being written as text")
    func digestText() {
        let bytes: [UInt8] = [1, 2, 3]
        let digest = Digest.sha256(bytes.span.bytes)
        #expect(Digest(digest.description) == digest)
        #expect(Digest("xyz") == nil)
    }

    @Test("a block is zero only when every byte is")
    func zeroScan() {
        for count in [0, 1, 15, 16, 17, 512, 4096, 65536] {
            var bytes = [UInt8](repeating: 0, count: count)
            let isZero = ZeroScan.isZero(bytes.span.bytes)
            #expect(isZero)
            for index in Set([0, count / 2, count - 1]) where index >= 0 && index < count {
                bytes[index] = 1
                let isStillZero = ZeroScan.isZero(bytes.span.bytes)
                #expect(!isStillZero)
                bytes[index] = 0
            }
        }
    }
}
