import Engine

/// A disk with zeros behind its end, as long as Azure wants it.
struct PaddedDisk: BlockReader {
    let disk: any BlockReader
    /// Bytes, at least the disk's.
    let size: UInt64

    var bestRead: UInt64 { disk.bestRead }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        var list = ExtentList()
        let inner = min(range.end, max(range.start, disk.size))
        if inner > range.start {
            for extent in try await disk.extents(in: ByteRange(range.start, inner)) {
                list.append(extent.range, isZero: extent.isZero)
            }
        }
        list.append(ByteRange(inner, range.end), isZero: true)
        return list.extents
    }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        let inner = min(range.end, max(range.start, disk.size))
        if inner > range.start { try await disk.read(ByteRange(range.start, inner), into: output) }
        output.appendZeros(Int(range.end - inner))
    }
}
