/// A node of a disk's Merkle tree. Its id is the SHA-256 of its bytes, which say nothing of where the node stands: equal
/// parts of disks have equal nodes.
///
/// ```
/// header  8  magic 4 · version u8 · level u8 · entries u16
/// leaf   40×n start u16 · units u16 · skip u16 · zero 2 · chunk id 32          (in units of 4 KiB)
/// inner  48×n child u16 · zero 6 · used bytes u64 · node id 32
/// ```
///
/// Entries ascend and do not overlap; what none names is zero.
package enum TreeNode: Sendable, Equatable {
    case leaf([Extent])
    case inner(level: Int, [Child])

    /// A run of 4 KiB units of a leaf, and the chunk that holds their bytes.
    package struct Extent: Sendable, Equatable {
        /// First unit within the leaf.
        package var start: Int
        package var units: Int
        /// Units of the chunk that come before.
        package var skip: Int
        package var chunk: Digest

        package var end: Int { start + units }
    }

    package struct Child: Sendable, Equatable {
        /// Position among the 256.
        package let index: Int
        package let node: NodeReference
    }

    static let magic = "AHVN"
    static let headerCount = 8
    static let extentCount = 40
    static let childCount = 48
    /// Bytes. The largest node there can be.
    package static let limit = headerCount + RepositoryFormat.unitsPerLeaf * extentCount

    /// Bytes of disk that are mapped to chunks below this node; the last unit counts as whole.
    package var usedBytes: UInt64 {
        switch self {
        case .leaf(let extents): UInt64(extents.reduce(0) { $0 + $1.units } * RepositoryFormat.unit)
        case .inner(_, let children): children.reduce(0) { $0 + $1.node.usedBytes }
        }
    }
}

/// A node as its parent names it.
package struct NodeReference: Sendable, Equatable, Codable {
    package let id: Digest
    /// Bytes of disk mapped to chunks below it.
    package let usedBytes: UInt64
}
