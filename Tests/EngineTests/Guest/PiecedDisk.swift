import Engine

/// A disk in memory: pieces of bytes, and zeros everywhere else.
struct PiecedDisk: BlockReader {
    let size: UInt64
    /// A later one covers an earlier one.
    private var pieces: [(start: UInt64, bytes: [UInt8])] = []

    init(size: UInt64) { self.size = size }

    init(_ bytes: [UInt8]) {
        size = UInt64(bytes.count)
        pieces = [(0, bytes)]
    }

    mutating func put(_ bytes: [UInt8], at start: UInt64) { pieces.append((start, bytes)) }

    /// All of it.
    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(size))
        for piece in pieces {
            bytes.replaceSubrange(Int(piece.start)..<(Int(piece.start) + piece.bytes.count), with: piece.bytes)
        }
        return bytes
    }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        [DiskExtent(range, isZero: false)]
    }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        let base = output.count
        output.appendZeros(Int(range.count))
        for piece in pieces {
            let whole = ByteRange(start: piece.start, count: UInt64(piece.bytes.count))
            guard let part = whole.intersection(range) else { continue }
            let from = Int(part.start - piece.start)
            let bytes = piece.bytes.span.bytes.extracting(from..<(from + Int(part.count)))
            output.overwrite(at: base + Int(part.start - range.start), with: bytes)
        }
    }
}
