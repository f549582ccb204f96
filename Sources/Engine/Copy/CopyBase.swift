import Synchronization

/// A restore point of the VM that the destination has already, to tell what of another one is there.
///
/// That the destination knows a node proves nothing of what lies below: a killed backup leaves nodes without their
/// chunks, and a prune takes chunks of nodes that nothing needs. Only below the roots of a restore point that is
/// committed, and held fast by this run's lease, everything is there.
struct CopyBase: Sendable {
    /// As the source has it; nil when only the destination does, which will do where both have the same ids.
    let source: Manifest?
    let destination: Manifest

    /// The disk `disk` as it was then; nil when its trees cannot be compared.
    func tree(of disk: Manifest.Disk, _ trees: (source: TreeReader, destination: TreeReader)) -> BaseTree? {
        let before = (source ?? destination).disks.first { $0.id == disk.id }
        let there = destination.disks.first { $0.id == disk.id }
        guard let before, let there, let beforeRoot = before.root, let thereRoot = there.root,
            before.shape.height == disk.shape.height, there.shape.height == disk.shape.height
        else { return nil }
        return BaseTree(
            shape: disk.shape, before: beforeRoot, there: thereRoot,
            trees: source == nil ? trees.destination : trees.source, destination: trees.destination)
    }
}

/// A disk of a `CopyBase`: one tree, in the ids of the source and in those of the destination.
final class BaseTree: Sendable {
    let shape: TreeShape
    let before: NodeReference
    let there: NodeReference
    private let trees: TreeReader
    private let destination: TreeReader
    private let broken = Mutex(false)

    init(
        shape: TreeShape, before: NodeReference, there: NodeReference, trees: TreeReader, destination: TreeReader
    ) {
        self.shape = shape
        self.before = before
        self.there = there
        self.trees = trees
        self.destination = destination
    }

    /// Whether a part of it could not be read: then the disk is to be copied without it.
    var isBroken: Bool { broken.withLock { $0 } }

    /// Runs what reads this tree.
    /// - Throws: what `body` throws; damage is remembered.
    func reading<R>(_ body: () async throws(EngineError) -> R) async throws(EngineError) -> R {
        do throws(EngineError) {
            return try await body()
        } catch {
            if error.isDamage { broken.withLock { $0 = true } }
            throw error
        }
    }

    /// A node in the ids of the source.
    func node(_ id: Digest, level: Int) async throws(EngineError) -> TreeNode {
        try await reading { () async throws(EngineError) in try await trees.node(id, level: level) }
    }

    /// The chunks of a leaf by their ids at the source.
    func chunksBefore(ofLeaf number: UInt64) async throws(EngineError) -> [Digest] {
        try await reading { () async throws(EngineError) in
            try await trees.leaf(number, of: before, shape: shape).map(\.chunk)
        }
    }

    /// The chunks of a leaf by their ids at the source, with those at the destination.
    func chunks(ofLeaf number: UInt64) async throws(EngineError) -> [(source: Digest, destination: Digest)] {
        try await reading { () async throws(EngineError) in
            let mine = try await trees.leaf(number, of: before, shape: shape)
            guard !mine.isEmpty else { return [] }
            let theirs = try await destination.leaf(number, of: there, shape: shape)
            guard mine.count == theirs.count, zip(mine, theirs).allSatisfy({ $0.liesWhere($1) }) else { return [] }
            return zip(mine, theirs).map { (source: $0.chunk, destination: $1.chunk) }
        }
    }
}

extension TreeNode.Extent {
    /// Whether it covers the same units by the same part of a chunk, whatever that is called.
    fileprivate func liesWhere(_ other: TreeNode.Extent) -> Bool {
        start == other.start && units == other.units && skip == other.skip
    }
}
