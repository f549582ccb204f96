import Engine
import FoundationEssentials

/// The sum that Azure compares pages with, CRC-64/NVME: reflected, polynomial 0x9A6C9329AC4BC9B5, begun and ended with all
/// ones. Eight bytes at a time.
enum CRC64 {
    private static let polynomial: UInt64 = 0x9A6C_9329_AC4B_C9B5

    /// Eight tables of 256 entries: the sum of a byte that is followed by 0 to 7 zeros.
    private static let tables: [UInt64] = {
        var tables = [UInt64](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var sum = UInt64(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ polynomial : sum >> 1 }
            tables[byte] = sum
        }
        for step in 1..<8 {
            for byte in 0..<256 {
                let before = tables[(step - 1) * 256 + byte]
                tables[step * 256 + byte] = before >> 8 ^ tables[Int(before & 0xFF)]
            }
        }
        return tables
    }()

    static func of(_ bytes: RawSpan) -> UInt64 {
        bytes.withUnsafeBytes { bytes in tables.withUnsafeBufferPointer { sum(bytes, $0) } }
    }

    private static func sum(_ bytes: UnsafeRawBufferPointer, _ tables: UnsafeBufferPointer<UInt64>) -> UInt64 {
        guard let table = tables.baseAddress, let start = bytes.baseAddress else { return 0 }
        var sum = UInt64.max
        var offset = 0
        while offset &+ 8 <= bytes.count {
            let word = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ sum
            sum =
                entry(table, 7, word) ^ entry(table, 6, word &>> 8) ^ entry(table, 5, word &>> 16)
                ^ entry(table, 4, word &>> 24) ^ entry(table, 3, word &>> 32) ^ entry(table, 2, word &>> 40)
                ^ entry(table, 1, word &>> 48) ^ entry(table, 0, word &>> 56)
            offset &+= 8
        }
        while offset < bytes.count {
            sum = sum &>> 8 ^ entry(table, 0, sum ^ UInt64(start.load(fromByteOffset: offset, as: UInt8.self)))
            offset &+= 1
        }
        return ~sum
    }

    @inline(__always)
    private static func entry(_ table: UnsafePointer<UInt64>, _ step: Int, _ word: UInt64) -> UInt64 {
        table[step &* 256 &+ Int(truncatingIfNeeded: word & 0xFF)]
    }

    /// As `x-ms-content-crc64` has it: base64 of the eight bytes, the lowest first.
    static func header(_ sum: UInt64) -> String {
        withUnsafeBytes(of: sum.littleEndian) { Data($0).base64EncodedString() }
    }
}
