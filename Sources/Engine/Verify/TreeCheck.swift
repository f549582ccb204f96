import Synchronization

/// Walks the trees of restore points and names every part that cannot be read. Subtrees that were found clean are not
/// walked again, however many restore points share them. Used from several tasks at once.
final class TreeCheck: Sendable {
    private let index: any DedupIndex
    private let trees: TreeReader
    private let bad: BadCopies
    /// Nodes found clean with all below them, by the first 8 bytes of their ids: about 4 MiB for each TiB of disks. That
    /// two nodes of a repository begin alike is as unlikely as an error of this machine's memory.
    private let clean = Mutex<Set<UInt64>>([])

    /// A part of a disk that a lost blob takes with it.
    struct Loss: Sendable, Hashable {
        let object: ObjectKey
        let range: ByteRange
        let reason: String
    }

    init(index: any DedupIndex, trees: TreeReader, bad: BadCopies) {
        self.index = index
        self.trees = trees
        self.bad = bad
    }

    func check(_ disk: Manifest.Disk) async throws(EngineError) -> [Loss] {
        guard let root = disk.root else { return [] }
        return try await check(root, level: disk.shape.height - 1, start: 0, disk: disk)
    }

    /// What is wrong with a blob, nil when it can be read.
    func fault(of id: Digest, _ what: String, needing bytes: UInt64 = 0) -> (object: ObjectKey, reason: String)? {
        guard let copy = bad.goodCopy(of: id, in: index) else {
            guard let lost = index.location(of: id) else {
                return (ObjectKey(trusted: "packs"), "\(what) \(id) is in no pack of the repository")
            }
            let key = ObjectLayout.pack(lost.pack, lost.kind)
            let isThere = bad.listed.contains(lost.pack)
            return (key, isThere ? "\(what) \(id) is damaged" : "it is missing")
        }
        guard bytes <= UInt64(copy.rawCount) else {
            return (ObjectLayout.pack(copy.pack, copy.kind), "\(what) \(id) is too short for the disk's map")
        }
        return nil
    }

    private func check(
        _ reference: NodeReference, level: Int, start: UInt64, disk: Manifest.Disk
    ) async throws(EngineError) -> [Loss] {
        if Task.isCancelled { throw EngineError(.cancelled, "cancelled") }
        guard !clean.withLock({ $0.contains(reference.id.words.0) }) else { return [] }
        let range = ByteRange(
            min(start, disk.size), min(start + TreeShape.span(ofLevel: level), disk.size))
        let node: TreeNode
        do throws(EngineError) {
            guard start < disk.size else {
                throw EngineError(.corrupt, "tree node \(reference.id) lies outside the disk")
            }
            node = try await trees.node(reference.id, level: level)
        } catch {
            return [try loss(of: reference.id, range, error)]
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
        if losses.isEmpty { clean.withLock { _ = $0.insert(reference.id.words.0) } }
        return losses
    }

    private func loss(of node: Digest, _ range: ByteRange, _ error: EngineError) throws(EngineError) -> Loss {
        guard [.corrupt, .notFound, .unsupported].contains(error.kind) else { throw error }
        let fault = fault(of: node, "tree node")
        let object = index.location(of: node).map { ObjectLayout.pack($0.pack, $0.kind) }
        return Loss(
            object: fault?.object ?? object ?? ObjectKey(trusted: "packs"), range: range,
            reason: fault?.reason ?? error.message)
    }

    private func check(_ extents: [TreeNode.Extent], leaf: ByteRange) -> [Loss] {
        let unit = UInt64(RepositoryFormat.unit)
        return extents.compactMap { extent in
            let start = leaf.start + UInt64(extent.start) * unit
            let range = ByteRange(min(start, leaf.end), min(start + UInt64(extent.units) * unit, leaf.end))
            let needed = UInt64(extent.skip * RepositoryFormat.unit) + range.count
            guard let fault = fault(of: extent.chunk, "chunk", needing: needed) else { return nil }
            return Loss(object: fault.object, range: range, reason: fault.reason)
        }
    }
}
