/// The size of a logical unit.
package struct ISCSICapacity: Sendable, Equatable {
    package let blockCount: UInt64
    /// Bytes of a logical block.
    package let blockSize: Int

    /// Size in bytes.
    package var byteCount: UInt64 { blockCount * UInt64(blockSize) }
}

/// Readings of what logical units answer. Each gives nil for an answer that is cut short or makes no sense.
enum SCSIReplies {
    /// The numbers in a REPORT LUNS answer. Numbers of other than the simple forms are left out.
    static func luns(_ bytes: [UInt8]) -> [Int]? {
        guard let listed = number(bytes, 0, 4), bytes.count >= 8 else { return nil }
        let end = min(bytes.count, 8 + Int(listed))
        return stride(from: 8, to: end - 7, by: 8).compactMap { at in
            // Peripheral device addressing and flat space addressing are all that libiscsi can send.
            switch bytes[at] >> 6 {
            case 0: Int(bytes[at + 1])
            case 1: Int(bytes[at] & 0x3f) << 8 | Int(bytes[at + 1])
            default: nil
            }
        }
    }

    static func capacity(_ bytes: [UInt8]) -> ISCSICapacity? {
        guard let last = number(bytes, 0, 8), let size = number(bytes, 8, 4) else { return nil }
        guard last < UInt64.max, (512...65536).contains(size), size & (size - 1) == 0 else { return nil }
        guard !(last + 1).multipliedReportingOverflow(by: size).overflow else { return nil }
        return ISCSICapacity(blockCount: last + 1, blockSize: Int(size))
    }

    /// The body of a vital product data page, if it is the page asked for.
    static func productData(_ bytes: [UInt8], page: UInt8) -> [UInt8]? {
        guard bytes.count >= 4, bytes[1] == page, let length = number(bytes, 2, 2) else { return nil }
        return Array(bytes[4..<min(bytes.count, 4 + Int(length))])
    }

    private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt64? {
        guard bytes.count >= start + count else { return nil }
        return bytes[start..<start + count].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
