/// Cuts where the content says so: after a unit of 4 KiB whose own hash fits a mask. Equal files lead to equal chunks
/// wherever file systems put them, because those allocate in multiples of 4 KiB.
///
/// The mask is stricter before the average length and looser after it, which keeps lengths close to it. A unit of
/// zeros is a hole and ends a chunk. The figures are in docs/decisions/0011-content-chunks.md.
package struct ContentChunker: Sendable {
    /// Bytes; a power of two.
    let average: Int

    private static let unit = RepositoryFormat.unit
    /// Below, chunks of one unit could make a leaf as fragmented as it was; above, a chunk could exceed its limit.
    static let averages = (32 << 10)...(1 << 20)
    /// So many comparisons with earlier chunks may fail in a leaf, beyond those that succeeded, before the rest of it
    /// is taken for changed and not hashed twice any more.
    private static let patience = 8

    /// Bytes. No chunk is shorter, except where data ends or an earlier chunk begins.
    var least: Int { max(Self.unit, average / 4) }
    /// Bytes.
    var largest: Int { average * 4 }

    func pieces(
        of bytes: RawSpan, along earlier: [Chunker.Piece], identify: (RawSpan) -> Digest
    ) -> [Chunker.Piece] {
        var pieces: [Chunker.Piece] = []
        var candidates = earlier.filter { $0.range.count >= least }[...]
        var failures = 0
        for run in Self.dataRuns(bytes) {
            var start = run.lowerBound
            while failures <= Self.patience, let candidate = candidates.first,
                candidate.range.lowerBound < run.upperBound
            {
                candidates.removeFirst()
                let range = candidate.range
                guard range.lowerBound >= start, range.upperBound <= run.upperBound else { continue }
                guard identify(bytes.extracting(range)) == candidate.id else {
                    failures += 1
                    continue
                }
                failures -= 1
                cut(start..<range.lowerBound, of: bytes, into: &pieces)
                pieces.append(candidate)
                start = range.upperBound
            }
            cut(start..<run.upperBound, of: bytes, into: &pieces)
        }
        return pieces
    }

    /// Runs of units that are not zero.
    private static func dataRuns(_ bytes: RawSpan) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start: Int?
        for offset in stride(from: 0, to: bytes.byteCount, by: unit) {
            let isZero = ZeroScan.isZero(bytes.extracting(offset..<min(offset + unit, bytes.byteCount)))
            if !isZero {
                start = start ?? offset
            } else if let first = start {
                runs.append(first..<offset)
                start = nil
            }
        }
        if let first = start { runs.append(first..<bytes.byteCount) }
        return runs
    }

    private func cut(_ run: Range<Int>, of bytes: RawSpan, into pieces: inout [Chunker.Piece]) {
        var start = run.lowerBound
        while start < run.upperBound {
            let end = end(ofChunkAt: start, in: run, of: bytes)
            pieces.append(Chunker.Piece(range: start..<end, id: nil))
            start = end
        }
    }

    private func end(ofChunkAt start: Int, in run: Range<Int>, of bytes: RawSpan) -> Int {
        let strict = UInt64(average / Self.unit * 2 - 1)
        let loose = strict >> 2
        var end = start + least
        while end < run.upperBound {
            let mask = end - start <= average ? strict : loose
            if end - start >= largest { return end }
            if Checksum.xxh64(bytes.extracting((end - Self.unit)..<end)) & mask == 0 { return end }
            end += Self.unit
        }
        return run.upperBound
    }
}
