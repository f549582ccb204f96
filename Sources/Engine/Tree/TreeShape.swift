/// The geometry of a disk's tree: leaves of 4 MiB, inner nodes of 256 children.
///
/// Level 0 are the leaves. A tree of height 1 is a single leaf; of height `h` it covers 4 MiB × 256^(h−1).
package struct TreeShape: Sendable, Equatable {
    /// Bytes.
    package let size: UInt64
    package let height: Int

    package init(size: UInt64) {
        self.size = size
        var height = 1
        while Self.span(ofLevel: height - 1) < size, height < Self.heightLimit { height += 1 }
        self.height = height
    }

    /// No tree is higher.
    package static let heightLimit = 6
    /// Bytes of the largest disk: 1 PiB, so that sums over all disks of a restore point stay numbers.
    package static let sizeLimit: UInt64 = 1 << 50

    package var leafCount: UInt64 {
        let span = UInt64(RepositoryFormat.leafSpan)
        return (size + span - 1) / span
    }

    /// Bytes of disk that a node of the level covers.
    package static func span(ofLevel level: Int) -> UInt64 {
        var span = UInt64(RepositoryFormat.leafSpan)
        for _ in 0..<level { span *= UInt64(RepositoryFormat.fanOut) }
        return span
    }

    /// The bytes of disk of leaf `index`, cut at the disk's end.
    package func range(ofLeaf index: UInt64) -> ByteRange {
        let start = index * UInt64(RepositoryFormat.leafSpan)
        return ByteRange(start, min(start + UInt64(RepositoryFormat.leafSpan), size))
    }
}
