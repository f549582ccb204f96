import Engine

/// Some blocks of a disk with their deflated streams, on their way to a writer. Whoever gets it may use and change its
/// buffers until it returns.
struct DeflatedPiece: Sendable {
    /// A block that is not all zeros.
    struct Block: Sendable {
        /// Of its first byte in the disk.
        let offset: UInt64
        /// Its bytes in `raw`, whole: behind the disk's end stand zeros.
        let raw: Range<Int>
        /// Its stream in `deflated`.
        let stream: Range<Int>
    }

    /// The part of the disk that is looked at: whole blocks, but for the disk's last one.
    let range: ByteRange
    let raw: Buffer
    /// The streams, each `DeflatedBlocks.Frame.prefix` bytes behind a multiple of its alignment; zeros fill the rest.
    let deflated: Buffer
    let blocks: [Block]
}
