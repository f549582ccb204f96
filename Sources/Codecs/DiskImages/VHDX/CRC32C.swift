import CISAL

/// The checksum of VHDX structures: CRC-32 with Castagnoli's polynomial, as iSCSI has it.
struct CRC32C {
    private var state: UInt32 = ~0

    mutating func update(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { space in
            var rest = space
            while let base = rest.baseAddress, !rest.isEmpty {
                let count = min(rest.count, Int(Int32.max))
                let start = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
                state = crc32_iscsi(start, Int32(count), state)
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    var value: UInt32 { ~state }

    /// Of all bytes, those of the checksum itself taken for zeros.
    static func of(_ bytes: [UInt8], fieldAt field: Int) -> UInt32 {
        var bytes = bytes
        for index in field..<(field + 4) { bytes[index] = 0 }
        var crc = CRC32C()
        crc.update(bytes.span.bytes)
        return crc.value
    }
}
