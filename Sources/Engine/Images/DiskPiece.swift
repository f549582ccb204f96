/// Some bytes of a disk that hold data, on their way from a reader to a writer.
package struct DiskPiece: Sendable {
    package let range: ByteRange
    /// The bytes of `range`; whoever gets the piece may use them until it returns.
    package let buffer: Buffer
    /// The parts of `buffer` that are not zero, as holes in files go.
    package let runs: [Range<Int>]

    /// Bytes. Shorter zeros are written as they are: many small holes cost more than they save.
    private static let granule = 64 << 10

    /// - Precondition: `buffer` holds the bytes of `range`.
    init(_ range: ByteRange, _ buffer: Buffer) {
        self.range = range
        self.buffer = buffer
        runs = Self.runs(of: buffer, from: range.start)
    }

    package var isZero: Bool { runs.isEmpty }

    /// Granules lie on multiples of their size in the disk, whatever the piece starts with.
    private static func runs(of buffer: Buffer, from start: UInt64) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var position = 0
        while position < buffer.count {
            let misfit = Int((start + UInt64(position)) % UInt64(granule))
            let end = min(position + granule - misfit, buffer.count)
            let isZero = buffer.withBytes(position..<end) { ZeroScan.isZero($0) }
            if !isZero {
                if let last = runs.last, last.upperBound == position {
                    runs[runs.count - 1] = last.lowerBound..<end
                } else {
                    runs.append(position..<end)
                }
            }
            position = end
        }
        return runs
    }
}
