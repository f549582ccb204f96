import Synchronization

/// Reads nodes of disks' trees, each checked against its id. Keeps the last used inner nodes.
package final class TreeReader: Sendable {
    let blobs: BlobReader
    private let cache = Mutex(NodeCache(limit: 64))

    package init(blobs: BlobReader) { self.blobs = blobs }

    /// - Throws: `.corrupt` when the node is damaged, missing or of another level than `level`.
    package func node(_ id: Digest, level: Int) async throws(EngineError) -> TreeNode {
        if let node = cache.withLock({ $0[id] }) { return try checked(node, id, level) }
        let bytes = try await blobs.read(id, limit: TreeNode.limit, "tree node")
        let node = try bytes.withBytes { span throws(EngineError) in try TreeNode(parsing: span, id: id) }
        if level > 0 { cache.withLock { $0[id] = node } }
        return try checked(node, id, level)
    }

    /// The extents of one leaf of a tree, none when it is zero.
    package func leaf(_ index: UInt64, of root: NodeReference?, shape: TreeShape) async throws(EngineError)
        -> [TreeNode.Extent]
    {
        guard let reference = try await reference(toNode: index, level: 0, of: root, shape: shape) else { return [] }
        guard case .leaf(let extents) = try await node(reference.id, level: 0) else { return [] }
        return extents
    }

    /// The node with number `index` of a level, nil when it is zero.
    package func reference(
        toNode index: UInt64, level: Int, of root: NodeReference?, shape: TreeShape
    ) async throws(EngineError) -> NodeReference? {
        guard var reference = root else { return nil }
        var current = shape.height - 1
        while current > level {
            guard case .inner(_, let children) = try await node(reference.id, level: current) else { return nil }
            let position = Int(index >> (8 * UInt64(current - 1 - level)) & 255)
            guard let child = children.first(where: { $0.index == position }) else { return nil }
            reference = child.node
            current -= 1
        }
        return reference
    }

    private func checked(_ node: TreeNode, _ id: Digest, _ level: Int) throws(EngineError) -> TreeNode {
        let found =
            switch node {
            case .leaf: 0
            case .inner(let level, _): level
            }
        guard found == level else {
            throw EngineError(.corrupt, "tree node \(id) has level \(found) where \(level) is expected")
        }
        return node
    }
}

/// The inner nodes used last; the oldest goes first.
private struct NodeCache {
    private let limit: Int
    private var nodes: [Digest: TreeNode] = [:]
    private var order: [Digest] = []

    init(limit: Int) { self.limit = limit }

    subscript(id: Digest) -> TreeNode? {
        get { nodes[id] }
        set {
            guard nodes[id] == nil, let newValue else { return }
            if order.count == limit { nodes[order.removeFirst()] = nil }
            nodes[id] = newValue
            order.append(id)
        }
    }
}
