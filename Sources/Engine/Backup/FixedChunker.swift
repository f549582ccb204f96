/// Cuts what was read into chunks on a fixed grid.
struct FixedChunker: Sendable {
    /// Bytes.
    let size: Int

    /// The pieces of `count` bytes that start on the grid; the last may be shorter.
    func pieces(of count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    }
}
