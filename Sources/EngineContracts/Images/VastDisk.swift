import Engine

/// A disk of nothing but zeros, of any size.
struct VastDisk: BlockReader {
    let size: UInt64

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] { [DiskExtent(range, isZero: true)] }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        throw EngineError(.bug, "a disk of zeros was read at \(range.start)")
    }
}
