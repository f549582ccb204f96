/// A part of a disk that holds data, or reads as zeros.
public struct DiskExtent: Sendable, Hashable {
    public let range: ByteRange
    public let isZero: Bool

    public init(_ range: ByteRange, isZero: Bool) {
        self.range = range
        self.isZero = isZero
    }
}

/// Extents as they are found one after the other; neighbours of a kind become one.
public struct ExtentList: Sendable {
    public private(set) var extents: [DiskExtent] = []

    public init() {}

    /// - Precondition: `range` begins where the last one ended.
    public mutating func append(_ range: ByteRange, isZero: Bool) {
        guard !range.isEmpty else { return }
        if let last = extents.last {
            precondition(last.range.end == range.start, "extents follow each other")
            if last.isZero == isZero {
                extents[extents.count - 1] = DiskExtent(ByteRange(last.range.start, range.end), isZero: isZero)
                return
            }
        }
        extents.append(DiskExtent(range, isZero: isZero))
    }

    /// Appends extents of another reader whose offsets are `shift` below the disk's.
    public mutating func append(_ others: [DiskExtent], from start: UInt64, at place: UInt64) {
        for other in others {
            append(
                ByteRange(place + (other.range.start - start), place + (other.range.end - start)), isZero: other.isZero)
        }
    }
}
