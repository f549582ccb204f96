/// How what was read of a disk is cut into chunks.
///
/// Chunks start on units of 4 KiB and never cross a leaf; zeros become holes and are part of no piece.
package enum Chunker: Sendable {
    case fixed(FixedChunker)
    case content(ContentChunker)

    /// A run of bytes that becomes one chunk.
    struct Piece: Sendable, Equatable {
        /// Within what was read.
        let range: Range<Int>
        /// Its id, where that is known from comparing already.
        let id: Digest?
    }

    /// Bytes. What is read is widened to multiples of it within the leaf.
    var grain: Int {
        switch self {
        case .fixed(let chunker): chunker.size
        case .content: RepositoryFormat.unit
        }
    }

    /// Bytes of the largest chunk.
    var largest: Int {
        switch self {
        case .fixed(let chunker): chunker.size
        case .content(let chunker): chunker.largest
        }
    }

    /// The pieces of `bytes`, which start on a multiple of `grain` within a leaf, in ascending order.
    /// - Parameters:
    ///   - earlier: whole chunks that the disk had at these places; where the bytes are still the same, they stay one
    ///     piece, so that nothing of them is stored again. The grid needs no such help and ignores them.
    ///   - identify: makes a chunk's id.
    func pieces(of bytes: RawSpan, along earlier: [Piece], identify: (RawSpan) -> Digest) -> [Piece] {
        switch self {
        case .fixed(let chunker): chunker.pieces(of: bytes)
        case .content(let chunker): chunker.pieces(of: bytes, along: earlier, identify: identify)
        }
    }
}
