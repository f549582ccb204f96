/// Finds out whether two disks of one size hold the same bytes.
package struct DiskComparison: Sendable {
    private let a: any BlockReader
    private let b: any BlockReader
    private let progress: ImageProgress

    /// Bytes compared at once; no more is in memory.
    private static let step: UInt64 = 4 << 20
    private static let window: UInt64 = 1 << 30

    package init(_ a: any BlockReader, _ b: any BlockReader, progress: @escaping ImageProgress = { _ in }) {
        self.a = a
        self.b = b
        self.progress = progress
    }

    /// Offset of the first byte that is not the same; nil when there is none.
    /// - Precondition: both have the same size.
    package func firstDifference() async throws(EngineError) -> UInt64? {
        precondition(a.size == b.size, "disks of one size are compared")
        var start: UInt64 = 0
        let (left, right) = (Buffer(capacity: Int(Self.step)), Buffer(capacity: Int(Self.step)))
        while start < a.size {
            let window = ByteRange(start, a.size - start > Self.window ? start + Self.window : a.size)
            for range in try await pieces(of: window) {
                left.removeAll()
                right.removeAll()
                try await a.read(range, into: left)
                try await b.read(range, into: right)
                if let place = Self.difference(left, right) { return range.start + UInt64(place) }
                progress(range.end)
                if Task.isCancelled { throw EngineError(.cancelled, "cancelled") }
            }
            start = window.end
        }
        progress(a.size)
        return nil
    }

    /// What must be read of a window: all that is data in one of them.
    private func pieces(of window: ByteRange) async throws(EngineError) -> [ByteRange] {
        let data = try await a.extents(in: window) + b.extents(in: window)
        var merged: [ByteRange] = []
        for range in data.filter({ !$0.isZero }).map(\.range).sorted(by: { $0.start < $1.start }) {
            if let last = merged.last, range.start <= last.end {
                merged[merged.count - 1] = ByteRange(last.start, max(last.end, range.end))
            } else {
                merged.append(range)
            }
        }
        return merged.flatMap { range in
            stride(from: range.start, to: range.end, by: UInt64.Stride(Self.step)).map {
                ByteRange($0, min($0 + Self.step, range.end))
            }
        }
    }

    private static func difference(_ a: Buffer, _ b: Buffer) -> Int? {
        a.withBytes { left in
            b.withBytes { right in
                left.withUnsafeBytes { left in
                    right.withUnsafeBytes { right in
                        if left.elementsEqual(right) { return nil }
                        return zip(left, right).enumerated().first { $1.0 != $1.1 }?.offset
                    }
                }
            }
        }
    }
}
