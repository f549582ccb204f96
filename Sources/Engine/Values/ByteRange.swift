/// A range of bytes of a disk.
public struct ByteRange: Sendable, Hashable {
    public let start: UInt64
    public let end: UInt64

    /// - Precondition: `start <= end`.
    public init(_ start: UInt64, _ end: UInt64) {
        precondition(start <= end, "a range ends after its start")
        self.start = start
        self.end = end
    }

    public init(start: UInt64, count: UInt64) { self.init(start, start + count) }

    public var count: UInt64 { end - start }
    public var isEmpty: Bool { start == end }

    public func intersection(_ other: ByteRange) -> ByteRange? {
        let low = max(start, other.start)
        let high = min(end, other.end)
        return low < high ? ByteRange(low, high) : nil
    }

    /// The smallest range on multiples of `unit` that holds this one, cut at `limit`.
    public func aligned(outward unit: UInt64, limit: UInt64) -> ByteRange {
        let low = start / unit * unit
        let high = (end + unit - 1) / unit * unit
        return ByteRange(low, max(low, min(high, limit)))
    }
}
