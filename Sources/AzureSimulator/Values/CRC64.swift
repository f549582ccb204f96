/// CRC-64/NVME, the checksum of `x-ms-content-crc64`: reflected, initial and final value all ones.
struct CRC64: Sendable {
    private static let table: [[UInt64]] = {
        var first = [UInt64](repeating: 0, count: 256)
        for index in first.indices {
            var value = UInt64(index)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x9A6C_9329_AC4B_C9B5 : value >> 1 }
            first[index] = value
        }
        var tables = [first]
        for level in 1..<8 {
            tables.append(tables[level - 1].map { $0 >> 8 ^ first[Int($0 & 0xFF)] })
        }
        return tables
    }()

    private var state = UInt64.max

    var value: UInt64 { ~state }

    /// As the header field has it: base64 of the eight bytes, lowest first.
    var header: String {
        let value = value
        return Base64.encode((0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) })
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let tables = Self.table
        var crc = state
        var position = 0
        while position + 8 <= bytes.count {
            crc ^= UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            var next: UInt64 = 0
            for lane in 0..<8 { next ^= tables[7 - lane][Int(crc >> (8 * UInt64(lane)) & 0xFF)] }
            crc = next
            position += 8
        }
        while position < bytes.count {
            crc = crc >> 8 ^ tables[0][Int((crc ^ UInt64(bytes[position])) & 0xFF)]
            position += 1
        }
        state = crc
    }
}
