/// A disk whose first bytes are in the file already: they are not fetched again, and look like zeros. Whoever writes
/// them must drop what comes before the mark.
package struct ResumedDisk: BlockReader {
    package let disk: any BlockReader
    /// Bytes of the disk that are done.
    package let done: UInt64

    package init(disk: any BlockReader, done: UInt64) {
        self.disk = disk
        self.done = done
    }

    package var size: UInt64 { disk.size }
    package var bestRead: UInt64 { disk.bestRead }

    package func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        try await disk.extents(in: range)
    }

    package func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        guard range.end > done else { return output.appendZeros(Int(range.count)) }
        try await disk.read(range, into: output)
    }
}
