import Engine

/// Where a disk holds data, asked for a gibibyte at a time. One task uses it, with ascending ranges.
final class UsedRanges {
    private let disk: any BlockReader
    private var window = ByteRange(0, 0)
    private var data: [ByteRange] = []

    private static let span: UInt64 = 1 << 30

    init(_ disk: any BlockReader) { self.disk = disk }

    /// The parts of `range`, which lies within one slot, that hold data, on whole pages.
    func data(in range: ByteRange) async throws(EngineError) -> [ByteRange] {
        if range.start < window.start || range.end > window.end, range.start < disk.size {
            let start = range.start / Self.span * Self.span
            window = ByteRange(start, start + Self.span)
            let end = min(window.end, disk.size)
            data = try await disk.extents(in: ByteRange(start, end)).filter { !$0.isZero }
                .map { $0.range.aligned(outward: PageLayout.page, limit: .max) }
        }
        return RangeList.cut(data, to: range)
    }
}

/// Work with ranges in order that do not overlap.
enum RangeList {
    /// The parts of `ranges` within `limit`; neighbours that touch become one.
    static func cut(_ ranges: [ByteRange], to limit: ByteRange) -> [ByteRange] {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].end <= limit.start { low = middle + 1 } else { high = middle }
        }
        var parts: [ByteRange] = []
        while low < ranges.count, ranges[low].start < limit.end {
            if let part = ranges[low].intersection(limit) { append(part, to: &parts) }
            low += 1
        }
        return parts
    }

    /// What two lists have in common.
    static func intersection(_ a: [ByteRange], _ b: [ByteRange]) -> [ByteRange] {
        var parts: [ByteRange] = []
        var (i, j) = (0, 0)
        while i < a.count, j < b.count {
            if let part = a[i].intersection(b[j]) { append(part, to: &parts) }
            if a[i].end <= b[j].end { i += 1 } else { j += 1 }
        }
        return parts
    }

    /// The parts of `a` that are not in `b`.
    static func difference(_ a: [ByteRange], _ b: [ByteRange]) -> [ByteRange] {
        var parts: [ByteRange] = []
        var j = 0
        for range in a {
            var start = range.start
            while j < b.count, b[j].end <= start { j += 1 }
            var k = j
            while k < b.count, b[k].start < range.end {
                if b[k].start > start { append(ByteRange(start, b[k].start), to: &parts) }
                start = max(start, b[k].end)
                k += 1
            }
            if start < range.end { append(ByteRange(start, range.end), to: &parts) }
        }
        return parts
    }

    /// Two lists that do not overlap as one.
    static func union(_ a: [ByteRange], _ b: [ByteRange]) -> [ByteRange] {
        var parts: [ByteRange] = []
        for range in (a + b).sorted(by: { $0.start < $1.start }) { append(range, to: &parts) }
        return parts
    }

    /// Bytes.
    static func count(_ ranges: [ByteRange]) -> UInt64 { ranges.reduce(0) { $0 + $1.count } }

    private static func append(_ range: ByteRange, to parts: inout [ByteRange]) {
        if let last = parts.last, last.end >= range.start {
            parts[parts.count - 1] = ByteRange(last.start, max(last.end, range.end))
        } else {
            parts.append(range)
        }
    }
}
