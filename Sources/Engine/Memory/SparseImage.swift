/// A disk in memory that takes room only where it was written; copies share what they have in common.
package struct SparseImage: Sendable {
    private struct Block: Sendable {
        /// Grows with every write, so that equal versions mean equal bytes.
        var version: UInt64
        var bytes: [UInt8]
    }

    private static let blockSize: UInt64 = 65_536

    /// Bytes.
    package private(set) var size: UInt64
    private var blocks: [UInt64: Block] = [:]
    private var writes: UInt64 = 0

    package init(size: UInt64) { self.size = size }

    /// - Precondition: the bytes lie within the disk.
    package mutating func write(_ bytes: RawSpan, at offset: UInt64) {
        precondition(offset + UInt64(bytes.byteCount) <= size, "a write behind the disk's end")
        writes += 1
        var done: UInt64 = 0
        while done < UInt64(bytes.byteCount) {
            let place = offset + done
            let index = place / Self.blockSize
            let start = place % Self.blockSize
            let count = min(Self.blockSize - start, UInt64(bytes.byteCount) - done)
            var block = blocks.removeValue(forKey: index) ?? Block(version: 0, bytes: Self.blank)
            block.version = writes
            for step in 0..<Int(count) {
                block.bytes[Int(start) + step] = bytes.unsafeLoad(fromByteOffset: Int(done) + step, as: UInt8.self)
            }
            blocks[index] = block
            done += count
        }
    }

    /// Makes whole blocks blank, as a guest's discard does.
    package mutating func discard(_ range: ByteRange) {
        let first = (range.start + Self.blockSize - 1) / Self.blockSize
        let end = range.end / Self.blockSize
        guard first < end else { return }
        for index in blocks.keys where index >= first && index < end { blocks[index] = nil }
    }

    /// - Precondition: disks only grow.
    package mutating func grow(to size: UInt64) {
        precondition(size >= self.size, "a disk does not shrink")
        self.size = size
    }

    /// - Precondition: the range lies within the disk and fits into `output`.
    package func read(_ range: ByteRange, into output: Buffer) {
        precondition(range.end <= size, "a read behind the disk's end")
        var start = range.start
        while start < range.end {
            let offset = start % Self.blockSize
            let count = Int(min(Self.blockSize - offset, range.end - start))
            if let block = blocks[start / Self.blockSize] {
                output.append(block.bytes.span.bytes.extracting(Int(offset)..<(Int(offset) + count)))
            } else {
                output.appendZeros(count)
            }
            start += UInt64(count)
        }
    }

    /// Where there may be something else than zeros.
    package var used: [RegionMap.Region] { regions(of: blocks.keys.map { ($0, false) }) }

    /// Where this image may differ from an earlier state of itself.
    package func changes(since earlier: SparseImage) -> [RegionMap.Region] {
        var changed: [(UInt64, Bool)] = []
        for (index, block) in blocks where earlier.blocks[index]?.version != block.version {
            changed.append((index, false))
        }
        for index in earlier.blocks.keys where blocks[index] == nil { changed.append((index, true)) }
        return regions(of: changed)
    }

    private func regions(of indexes: [(UInt64, Bool)]) -> [RegionMap.Region] {
        indexes.sorted { $0.0 < $1.0 }.map { index, isZero in
            let start = index * Self.blockSize
            return RegionMap.Region(ByteRange(start, min(start + Self.blockSize, size)), isZero: isZero)
        }
    }

    private static var blank: [UInt8] { [UInt8](repeating: 0, count: Int(blockSize)) }
}
