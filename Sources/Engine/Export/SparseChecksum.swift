/// A checksum of bytes that come in pieces: XXH64 of the places and XXH64s of those blocks of 64 KiB that hold anything but
/// zeros. It is the same however the bytes were cut, and whether zeros came as bytes or as a hole, which costs nothing.
struct SparseChecksum: Sendable {
    private static let block: UInt64 = 64 << 10
    private static let zeros = [UInt8](repeating: 0, count: Int(block))

    /// Of all whole blocks.
    private var blocks = RunningChecksum()
    /// Of the block that has begun.
    private var begun = RunningChecksum()
    private var isBegunZero = true
    /// Bytes so far.
    private(set) var count: UInt64 = 0

    mutating func append(_ bytes: RawSpan) {
        var offset = 0
        while offset < bytes.byteCount {
            let inBlock = count % Self.block
            let number = min(bytes.byteCount - offset, Int(Self.block - inBlock))
            let part = bytes.extracting(offset..<offset + number)
            if number == Self.block {
                if !ZeroScan.isZero(part) { Self.add(Checksum.xxh64(part), at: count, to: &blocks) }
            } else {
                begun.update(part)
                isBegunZero = isBegunZero && ZeroScan.isZero(part)
                if Int(inBlock) + number == Self.block { closeBlock(at: count - inBlock) }
            }
            count += UInt64(number)
            offset += number
        }
    }

    /// Appends zeros until `count` is `end`; nothing when it is that already.
    mutating func appendZeros(to end: UInt64) {
        guard end > count else { return }
        let border = (count + Self.block - 1) / Self.block * Self.block
        if border > count { append(Self.zeros.span.bytes.extracting(0..<Int(min(border, end) - count))) }
        let last = end / Self.block * Self.block
        if last > count { count = last }
        if end > count { append(Self.zeros.span.bytes.extracting(0..<Int(end - count))) }
    }

    private mutating func closeBlock(at place: UInt64) {
        if !isBegunZero { Self.add(begun.value, at: place, to: &blocks) }
        begun = RunningChecksum()
        isBegunZero = true
    }

    private static func add(_ sum: UInt64, at place: UInt64, to blocks: inout RunningChecksum) {
        for number in [place, sum] { withUnsafeBytes(of: number.littleEndian) { blocks.update($0.bytes) } }
    }

    /// Of everything so far.
    var value: UInt64 {
        var blocks = blocks
        if !isBegunZero { Self.add(begun.value, at: count / Self.block * Self.block, to: &blocks) }
        Self.add(0, at: count, to: &blocks)
        return blocks.value
    }
}
