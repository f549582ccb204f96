/// Cuts on a fixed grid. A cell that is all zero is a hole; zeros beside data stay in their chunk.
package struct FixedChunker: Sendable {
    /// Bytes of a cell; a power of two.
    let size: Int

    static let sizes = RepositoryFormat.unit...RepositoryFormat.leafSpan

    /// The cells of `bytes`, which start on the grid, that hold data; the last may be shorter.
    func pieces(of bytes: RawSpan) -> [Chunker.Piece] {
        stride(from: 0, to: bytes.byteCount, by: size).compactMap { start in
            let range = start..<min(start + size, bytes.byteCount)
            return ZeroScan.isZero(bytes.extracting(range)) ? nil : Chunker.Piece(range: range, id: nil)
        }
    }
}
