@testable import Engine

/// Makes the checksums of changed objects fit again, as far as enough of the object is left.
enum Seals {
    /// The last 8 bytes cover everything before.
    static let indexRun: @Sendable (inout [UInt8]) -> Void = { bytes in
        guard bytes.count >= 8 else { return }
        put(Checksum.xxh64(Array(bytes.dropLast(8)).span.bytes), at: bytes.count - 8, in: &bytes)
    }

    /// The footer covers header, table and itself.
    static let pack: @Sendable (inout [UInt8]) -> Void = { bytes in
        let end = bytes.count - PackLayout.footerCount
        guard end >= PackLayout.headerCount else { return }
        let table = bytes[end..<(end + 4)].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard table >= PackLayout.headerCount, table <= end else { return }
        let covered = Array(bytes[..<PackLayout.headerCount] + bytes[table..<(bytes.count - 16)])
        put(Checksum.xxh64(covered.span.bytes), at: bytes.count - 16, in: &bytes)
    }

    /// Header and checksums are covered by one that follows them.
    static let parity: @Sendable (inout [UInt8]) -> Void = { bytes in
        let head = ParityObject.headCount(ParityShape(packCount: 1))
        guard bytes.count >= head else { return }
        put(Checksum.xxh64(Array(bytes[..<(head - 8)]).span.bytes), at: head - 8, in: &bytes)
    }

    /// The second line covers the first and all that follows.
    static let document: @Sendable (inout [UInt8]) -> Void = { bytes in
        let lines = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3 else { return }
        let covered = Array(lines[0]) + [0x0A] + lines[2]
        bytes = Array(lines[0]) + Array("\nsha256 \(Digest.sha256(covered.span.bytes))\n".utf8) + lines[2]
    }

    /// Where the JSON of a sealed document begins.
    static let jsonStart: @Sendable ([UInt8]) -> Int? = { bytes in
        let lines = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        return lines.count == 3 ? lines[2].startIndex : nil
    }

    private static func put(_ value: UInt64, at offset: Int, in bytes: inout [UInt8]) {
        for index in 0..<8 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
    }
}
