/// Where in a sorted run an id must be, and what its blocks of entries must look like: for each block of 64 entries, the
/// first word of its first id and a checksum. About a tenth of a byte for each entry and bit of it.
struct RunDirectory: Sendable {
    /// Entries in a block.
    static let blockRows = 64

    var firstWords: [UInt64] = []
    var checksums: [UInt32] = []

    /// Number of blocks.
    var count: Int { firstWords.count }

    /// - Parameter block: the bytes of all entries of the next block; not empty.
    mutating func append(block: RawSpan) {
        firstWords.append(Digest(block).words.0)
        checksums.append(Self.checksum(block))
    }

    static func checksum(_ block: RawSpan) -> UInt32 {
        UInt32(truncatingIfNeeded: Checksum.xxh64(block))
    }

    /// The rows among which the first entry not below `id` is, or right behind which it begins.
    func rows(around id: Digest, of rowCount: Int) -> Range<Int> {
        let word = id.words.0
        let lower = firstBlock { $0 >= word }
        let start = max(0, lower - 1) * Self.blockRows
        var upper = lower
        if upper < count, firstWords[upper] == word { upper = firstBlock { $0 > word } }
        return start..<max(start, min(upper * Self.blockRows, rowCount))
    }

    /// Number of the first block whose first word fits; the words ascend, and so does `fits`.
    private func firstBlock(_ fits: (UInt64) -> Bool) -> Int {
        var (low, high) = (0, firstWords.count)
        while low < high {
            let middle = (low + high) / 2
            if fits(firstWords[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
