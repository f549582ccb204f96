import Engine

/// What a log changes in its file, gathered from the newest entry to the oldest.
struct LoggedChanges: Sendable {
    /// A sector of 4 KiB: most of its bytes are in the log, those at both ends in its descriptor.
    struct Sector: Sendable {
        /// In the file.
        let offset: UInt64
        /// In the log.
        let source: UInt64
        /// The first 8 bytes.
        let start: [UInt8]
        /// The last 4 bytes.
        let end: [UInt8]
    }

    private(set) var sectors: [UInt64: Sector] = [:]
    /// Ascending, apart from each other.
    private(set) var zeros: [ByteRange] = []

    /// Places of zeros that are followed: each costs time in proportion to all, and real logs clear a few.
    static let mostZeros = 1 << 14

    /// Takes in an entry that is older than all before: what they changed stays.
    mutating func addOlder(_ data: [Sector], _ cleared: [ByteRange]) {
        for sector in data.reversed() where sectors[sector.offset] == nil && !isZero(sector.offset) {
            sectors[sector.offset] = sector
        }
        for range in cleared where !range.isEmpty { addZeros(range) }
    }

    /// Whether a newer entry made the sector zeros.
    private func isZero(_ offset: UInt64) -> Bool {
        let index = firstZero(endingAfter: offset)
        return index < zeros.count && zeros[index].start <= offset
    }

    /// Position of the first range that ends behind `offset`.
    func firstZero(endingAfter offset: UInt64) -> Int {
        var (low, high) = (0, zeros.count)
        while low < high {
            let middle = (low + high) / 2
            if zeros[middle].end > offset { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private mutating func addZeros(_ range: ByteRange) {
        let first = range.start == 0 ? 0 : firstZero(endingAfter: range.start - 1)
        var (start, end, last) = (range.start, range.end, first)
        while last < zeros.count, zeros[last].start <= range.end {
            start = min(start, zeros[last].start)
            end = max(end, zeros[last].end)
            last += 1
        }
        zeros.replaceSubrange(first..<last, with: [ByteRange(start, end)])
    }

    /// Whether anything in `range` is changed.
    func touches(_ range: ByteRange) -> Bool {
        let index = firstZero(endingAfter: range.start)
        if index < zeros.count, zeros[index].start < range.end { return true }
        let first = range.start / VHDXLogEntry.sector
        let last = (range.end + VHDXLogEntry.sector - 1) / VHDXLogEntry.sector
        if last - first > UInt64(sectors.count) {
            return sectors.keys.contains { $0 < range.end && $0 + VHDXLogEntry.sector > range.start }
        }
        return (first..<last).contains { sectors[$0 * VHDXLogEntry.sector] != nil }
    }
}
