import Engine

/// Puts the blocks of a disk that hold data into a file, one behind the other.
///
/// In a stream, every block with a data extent has its place before the first byte is written. In a file, blocks that
/// turn out to be zeros are left out too, and the tables are written when all is known.
final class BlockWriter {
    /// Where the blocks lie in the file.
    struct Shape: Sendable {
        /// Bytes of a block; a power of two.
        let blockSize: UInt64
        /// Offset of the first block.
        let first: UInt64
        /// Bytes from a block to the next one.
        let stride: UInt64
    }

    let shape: Shape
    private let disk: any BlockReader
    private let blockCount: UInt64
    private(set) var blocks: BlockSet

    init(_ disk: any BlockReader, _ shape: Shape) {
        self.disk = disk
        self.shape = shape
        blockCount = (disk.size + shape.blockSize - 1) / shape.blockSize
        blocks = BlockSet(capacity: blockCount)
    }

    /// Behind the last block.
    var end: UInt64 { offset(ofRank: blocks.count) }

    func offset(ofRank rank: Int) -> UInt64 { shape.first + UInt64(rank) * shape.stride }

    /// Finds the blocks with data by the extents alone.
    func survey() async throws(EngineError) {
        let cursor = PieceCursor(disk, pieceSize: shape.blockSize)
        while let range = try await cursor.take() { blocks.insert(range.start / shape.blockSize) }
    }

    /// Writes the blocks.
    /// - Parameters:
    ///   - isSurveyed: whether `survey` has decided which ones.
    ///   - begin: called with the offset of each block before its bytes are written.
    func copy(
        to sink: any ImageSink, isSurveyed: Bool, progress: @escaping ImageProgress,
        begin: ((UInt64) async throws(EngineError) -> Void)? = nil
    ) async throws(EngineError) {
        var rank = -1
        var written = BlockSet(capacity: blockCount)
        let output = RunWriter(to: sink)
        try await DiskPieces(disk, progress: progress).forEachPiece { piece throws(EngineError) in
            for part in piece.parts(ofBlocks: self.shape.blockSize) {
                let block = (piece.range.start + UInt64(part.bytes.lowerBound)) / self.shape.blockSize
                guard isSurveyed ? self.blocks.contains(block) : !part.runs.isEmpty else { continue }
                if written.insert(block) {
                    rank += 1
                    if let begin {
                        try await output.flush()
                        try await begin(self.offset(ofRank: rank))
                    }
                }
                for run in part.runs {
                    let place = piece.range.start + UInt64(run.lowerBound)
                    try await output.write(
                        piece.buffer, run, at: self.offset(ofRank: rank) + place % self.shape.blockSize)
                }
            }
            try await output.flush()
        }
        guard !isSurveyed || written == blocks else {
            throw EngineError(.bug, "the extents of a disk changed while it was written")
        }
        blocks = written
    }

    /// Calls `body` with the offset in the file of each block in order, nil for a block that is not there.
    func forEachOffset(_ body: (UInt64?) async throws(EngineError) -> Void) async throws(EngineError) {
        var rank = 0
        for block in 0..<blockCount {
            let isThere = blocks.contains(block)
            try await body(isThere ? offset(ofRank: rank) : nil)
            if isThere { rank += 1 }
        }
    }
}

extension DiskPiece {
    /// The part of a piece that lies in one block, in bytes of the buffer.
    fileprivate struct BlockPart {
        let bytes: Range<Int>
        /// What is not zero of it.
        let runs: [Range<Int>]
    }

    fileprivate func parts(ofBlocks size: UInt64) -> [BlockPart] {
        var parts: [BlockPart] = []
        var start = range.start
        var rest = runs[...]
        while start < range.end {
            let end = min((start / size + 1) * size, range.end)
            let bytes = Int(start - range.start)..<Int(end - range.start)
            while let run = rest.first, run.upperBound <= bytes.lowerBound { rest.removeFirst() }
            let within = rest.prefix { $0.lowerBound < bytes.upperBound }.map { $0.clamped(to: bytes) }
            parts.append(BlockPart(bytes: bytes, runs: within))
            start = end
        }
        return parts
    }
}
