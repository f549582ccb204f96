import Engine
import Testing

@testable import Azure

@Suite("The sum of pages")
struct CRC64Tests {
    @Test("it is CRC-64/NVME, as Azure writes it")
    func check() {
        let sum = CRC64.of(Array("123456789".utf8).span.bytes)
        #expect(sum == 0xAE8B_1486_0A79_9888)
        #expect(CRC64.header(sum) == "iJh5CoYUi64=")
        #expect(CRC64.of([UInt8]().span.bytes) == 0)
    }

    @Test("eight bytes at a time give what one at a time gives", arguments: [1, 7, 8, 9, 63, 512, 4099])
    func lengths(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 3) }
        var sum = UInt64.max
        for byte in bytes {
            sum ^= UInt64(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x9A6C_9329_AC4B_C9B5 : sum >> 1 }
        }
        #expect(CRC64.of(bytes.span.bytes) == ~sum)
    }
}
