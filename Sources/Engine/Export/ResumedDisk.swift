/// A disk whose first bytes are in the file already: they are not fetched again, and look like zeros. Whoever writes
/// them must drop what comes before the mark.
struct ResumedDisk: BlockReader {
    let disk: any BlockReader
    /// Bytes of the disk that are done.
    let done: UInt64

    var size: UInt64 { disk.size }
    var bestRead: UInt64 { disk.bestRead }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] { try await disk.extents(in: range) }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        guard range.end > done else { return output.appendZeros(Int(range.count)) }
        try await disk.read(range, into: output)
    }
}
