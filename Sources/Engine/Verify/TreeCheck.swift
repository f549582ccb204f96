/// Walks the trees of restore points and names every part that cannot be read. Subtrees that were found clean are not
/// walked again, however many restore points share them.
struct TreeCheck {
    let blobs: BlobReader
    let trees: TreeReader
    /// Blobs known to be damaged or missing.
    let lost: Set<Digest>
    private var clean: Set<Digest> = []

    /// A part of a disk that a lost blob takes with it.
    struct Loss: Sendable, Hashable {
        let blob: Digest
        let range: ByteRange
        let reason: String
    }

    init(blobs: BlobReader, trees: TreeReader, lost: Set<Digest>) {
        self.blobs = blobs
        self.trees = trees
        self.lost = lost
    }

    mutating func check(_ disk: Manifest.Disk) async throws(EngineError) -> [Loss] {
        guard let root = disk.root else { return [] }
        return try await check(root, level: disk.shape.height - 1, start: 0, disk: disk)
    }

    private mutating func check(
        _ reference: NodeReference, level: Int, start: UInt64, disk: Manifest.Disk
    ) async throws(EngineError) -> [Loss] {
        guard !clean.contains(reference.id) else { return [] }
        let span = TreeShape.span(ofLevel: level)
        let range = ByteRange(min(start, disk.size), min(start + span, disk.size))
        let node: TreeNode
        do throws(EngineError) {
            guard start < disk.size else {
                throw EngineError(.corrupt, "tree node \(reference.id) lies outside the disk")
            }
            node = try await trees.node(reference.id, level: level)
        } catch  where error.kind == .corrupt || error.kind == .notFound {
            return [Loss(blob: reference.id, range: range, reason: error.description)]
        }
        let losses: [Loss]
        switch node {
        case .leaf(let extents): losses = check(extents, leaf: range)
        case .inner(_, let children):
            var found: [Loss] = []
            for child in children {
                let below = start + UInt64(child.index) * TreeShape.span(ofLevel: level - 1)
                found += try await check(child.node, level: level - 1, start: below, disk: disk)
            }
            losses = found
        }
        if losses.isEmpty { clean.insert(reference.id) }
        return losses
    }

    private func check(_ extents: [TreeNode.Extent], leaf: ByteRange) -> [Loss] {
        let unit = UInt64(RepositoryFormat.unit)
        return extents.compactMap { extent in
            let start = leaf.start + UInt64(extent.start) * unit
            let range = ByteRange(min(start, leaf.end), min(start + UInt64(extent.units) * unit, leaf.end))
            guard let reason = fault(extent, bytes: range.count) else { return nil }
            return Loss(blob: extent.chunk, range: range, reason: reason)
        }
    }

    private func fault(_ extent: TreeNode.Extent, bytes: UInt64) -> String? {
        if lost.contains(extent.chunk) { return "chunk \(extent.chunk) is damaged" }
        guard let location = blobs.index.location(of: extent.chunk) else {
            return "chunk \(extent.chunk) is in no pack"
        }
        let needed = UInt64(extent.skip * RepositoryFormat.unit) + bytes
        return needed > UInt64(location.rawCount) ? "chunk \(extent.chunk) is too short" : nil
    }
}
