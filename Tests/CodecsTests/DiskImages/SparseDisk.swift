import Engine

/// A disk of any size with a few islands of data; its bytes follow from their offsets.
struct SparseDisk: BlockReader {
    let size: UInt64
    /// Offsets and counts of bytes.
    let islands: [UInt64: UInt64]

    private var ranges: [ByteRange] {
        islands.map { ByteRange(start: $0.key, count: $0.value) }.sorted { $0.start < $1.start }
    }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        var list = ExtentList()
        var position = range.start
        for island in ranges {
            guard let part = island.intersection(range) else { continue }
            list.append(ByteRange(position, part.start), isZero: true)
            list.append(part, isZero: false)
            position = part.end
        }
        list.append(ByteRange(position, range.end), isZero: true)
        return list.extents
    }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        for extent in try await extents(in: range) {
            if extent.isZero {
                output.appendZeros(Int(extent.range.count))
            } else {
                let bytes = (extent.range.start..<extent.range.end).map {
                    UInt8(truncatingIfNeeded: ($0 &* 0x9E37_79B9_7F4A_7C15) >> 56 | 1)
                }
                output.append(bytes.span.bytes)
            }
        }
    }
}
