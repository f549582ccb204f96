/// The data of a disk cut into pieces, in order, asked for as far ahead as is needed. One task uses it.
package final class PieceCursor {
    private let disk: any BlockReader
    private let pieceSize: UInt64
    private var position: UInt64 = 0
    private var pieces: [ByteRange] = []
    private var next = 0

    /// Bytes of a disk whose extents are kept at once.
    private static let window: UInt64 = 1 << 30

    /// - Precondition: `pieceSize` is a power of two, at most a gibibyte. No piece crosses a multiple of it.
    package init(_ disk: any BlockReader, pieceSize: UInt64) {
        self.disk = disk
        self.pieceSize = pieceSize
    }

    /// The range of the next piece; nil after the last one. Zeros between data of one piece are part of it.
    package func take() async throws(EngineError) -> ByteRange? {
        while next == pieces.count {
            guard position < disk.size else { return nil }
            let end = disk.size - position > Self.window ? position + Self.window : disk.size
            pieces = Self.pieces(of: try await disk.extents(in: ByteRange(position, end)), pieceSize)
            position = end
            next = 0
        }
        defer { next += 1 }
        return pieces[next]
    }

    private static func pieces(of extents: [DiskExtent], _ size: UInt64) -> [ByteRange] {
        var pieces: [ByteRange] = []
        for extent in extents where !extent.isZero {
            var start = extent.range.start
            while start < extent.range.end {
                let slot = start / size
                let end = min((slot + 1) * size, extent.range.end)
                if let last = pieces.last, last.start / size == slot {
                    pieces[pieces.count - 1] = ByteRange(last.start, end)
                } else {
                    pieces.append(ByteRange(start, end))
                }
                start = end
            }
        }
        return pieces
    }
}
