import Engine

/// Checksums of blocks that lie one behind the other.
enum BlockHashing {
    /// One entry a block; the last block may be shorter.
    static func entries(of buffer: Buffer) -> [UInt64] { entries(of: buffer, 0..<buffer.count) }

    /// The entries of the bytes `range` of a buffer.
    static func entries(of buffer: Buffer, _ range: Range<Int>) -> [UInt64] {
        buffer.withBytes(range) { bytes in
            let size = Int(UsedBlocks.blockSize)
            var entries: [UInt64] = []
            entries.reserveCapacity(bytes.byteCount / size + 1)
            for start in stride(from: 0, to: bytes.byteCount, by: size) {
                let end = min(bytes.byteCount, start + size)
                entries.append(HashFile.entry(of: bytes.extracting(start..<end)))
            }
            return entries
        }
    }
}
