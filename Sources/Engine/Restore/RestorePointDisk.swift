/// A disk of a restore point: its size, and where the bytes of its mapped parts are. What is not mapped is zero.
///
/// Everything that reads a restored disk goes through this value, never through a file.
package struct RestorePointDisk: Sendable {
    package let disk: Manifest.Disk
    let trees: TreeReader

    package init(_ disk: Manifest.Disk, trees: TreeReader) {
        self.disk = disk
        self.trees = trees
    }

    /// A run of bytes of the disk and the part of a chunk that holds them.
    package struct MappedRange: Sendable, Equatable {
        package let range: ByteRange
        package let chunk: Digest
        /// Bytes of the chunk that come before.
        package let skip: Int
    }

    /// Calls `body` with the mapped ranges of one leaf after the other, in ascending order.
    /// - Throws: `.corrupt` when a node is damaged or missing; what `body` throws.
    package func forEachLeaf(
        _ body: (_ leaf: ByteRange, _ ranges: [MappedRange]) async throws(EngineError) -> Void
    ) async throws(EngineError) {
        guard let root = disk.root else { return }
        try await visit(root, level: disk.shape.height - 1, number: 0, body)
    }

    private func visit(
        _ reference: NodeReference, level: Int, number: UInt64,
        _ body: (ByteRange, [MappedRange]) async throws(EngineError) -> Void
    ) async throws(EngineError) {
        if Task.isCancelled { throw EngineError(.cancelled, "cancelled") }
        switch try await trees.node(reference.id, level: level) {
        case .leaf(let extents):
            guard number < disk.shape.leafCount else { throw outside(reference) }
            let leaf = disk.shape.range(ofLeaf: number)
            try await body(leaf, ranges(extents, in: leaf))
        case .inner(_, let children):
            for child in children {
                let below = number * UInt64(RepositoryFormat.fanOut) + UInt64(child.index)
                guard below * TreeShape.span(ofLevel: level - 1) < disk.size else { throw outside(child.node) }
                try await visit(child.node, level: level - 1, number: below, body)
            }
        }
    }

    /// The mapped ranges of one leaf, ascending.
    func ranges(ofLeaf number: UInt64) async throws(EngineError) -> [MappedRange] {
        let extents = try await trees.leaf(number, of: disk.root, shape: disk.shape)
        return ranges(extents, in: disk.shape.range(ofLeaf: number))
    }

    /// Whether the leaf and all beside it below the same node are zero; false when that cannot be told cheaply.
    func isZero(around leaf: UInt64) async throws(EngineError) -> Bool {
        guard disk.shape.height > 1 else { return disk.root == nil }
        let above = leaf / UInt64(RepositoryFormat.fanOut)
        return try await trees.reference(toNode: above, level: 1, of: disk.root, shape: disk.shape) == nil
    }

    private func ranges(_ extents: [TreeNode.Extent], in leaf: ByteRange) -> [MappedRange] {
        let unit = UInt64(RepositoryFormat.unit)
        return extents.compactMap { extent in
            let start = leaf.start + UInt64(extent.start) * unit
            let end = min(start + UInt64(extent.units) * unit, leaf.end)
            guard start < end else { return nil }
            return MappedRange(
                range: ByteRange(start, end), chunk: extent.chunk, skip: extent.skip * RepositoryFormat.unit)
        }
    }

    private func outside(_ reference: NodeReference) -> EngineError {
        EngineError(.corrupt, "tree node \(reference.id) lies outside the disk \(disk.address)")
    }
}
