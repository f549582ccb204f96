import Engine
import Glibc

/// A list of changed regions that something else made: one `offset length [zero]` a line, in bytes; `#` starts a
/// comment. It names all that changed since the last backup, and is written anew before each backup.
struct ChangeList {
    private static let longest = 64 << 20

    /// The regions, on multiples of 512, merged and in order.
    let regions: [RegionMap.Region]
    /// When the list was written.
    let written: Timestamp

    /// - Throws: `.notFound`; `.corrupt` naming the line that is no region of a disk of `size` bytes.
    init(_ path: String, size: UInt64) throws(EngineError) {
        let file = try OpenFile(path, O_RDONLY)
        let status = try file.status()
        guard status.st_size <= Self.longest else {
            throw EngineError(.corrupt, "\(path) is longer than \(ByteCount(Self.longest)): too long for a list")
        }
        written = Timestamp(
            milliseconds: Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000)
        let buffer = Buffer(capacity: max(1, Int(status.st_size)))
        try buffer.append(upTo: Int(status.st_size)) { space throws(EngineError) in try file.read(into: space, at: 0) }
        regions = Self.merged(try Self.parse(buffer.array, path, size))
    }

    private static func parse(_ text: [UInt8], _ path: String, _ size: UInt64) throws(EngineError) -> [RegionMap.Region]
    {
        var regions: [RegionMap.Region] = []
        var number = 0
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let content = line.prefix { $0 != UInt8(ascii: "#") }
            let words = content.split {
                $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r")
            }
            .map { String(decoding: $0, as: UTF8.self) }
            if words.isEmpty { continue }
            guard words.count == 2 || (words.count == 3 && words[2] == "zero"), let offset = UInt64(words[0]),
                let length = UInt64(words[1]), offset <= size, length <= size - offset
            else {
                throw EngineError(
                    .corrupt, "\(path):\(number) is no `offset length [zero]` within the disk's \(size) bytes")
            }
            if length == 0 { continue }
            let isZero = words.count == 3
            regions.append(RegionMap.Region(ByteRange(start: offset, count: length), isZero: isZero))
        }
        return regions
    }

    /// Data is widened to sectors and wins where it meets zeros; zeros keep the sectors they cover whole, and the
    /// rest of theirs is read.
    private static func merged(_ regions: [RegionMap.Region]) -> [RegionMap.Region] {
        var data: [ByteRange] = []
        var zeros: [ByteRange] = []
        for region in regions {
            let outer = region.range.aligned(outward: 512, limit: .max)
            let isWhole = outer == region.range
            if region.isZero && isWhole { zeros.append(outer) } else { data.append(outer) }
        }
        let read = united(data)
        var result = read.map { RegionMap.Region($0, isZero: false) }
        var index = 0
        for zero in united(zeros) {
            var start = zero.start
            while index < read.count, read[index].end <= start { index += 1 }
            var next = index
            while next < read.count, read[next].start < zero.end {
                if read[next].start > start {
                    result.append(RegionMap.Region(ByteRange(start, read[next].start), isZero: true))
                }
                start = max(start, read[next].end)
                next += 1
            }
            if start < zero.end { result.append(RegionMap.Region(ByteRange(start, zero.end), isZero: true)) }
        }
        return result.sorted { $0.range.start < $1.range.start }
    }

    private static func united(_ ranges: [ByteRange]) -> [ByteRange] {
        var result: [ByteRange] = []
        for range in ranges.sorted(by: { $0.start < $1.start }) {
            if let last = result.last, range.start <= last.end {
                result[result.count - 1] = ByteRange(last.start, max(last.end, range.end))
            } else {
                result.append(range)
            }
        }
        return result
    }
}
