import Synchronization

/// Copies some leaves of a disk with their chunks.
///
/// A leaf is written when every chunk of it is at the destination or in a pack that is being filled; so a leaf that is
/// remembered in `CopyWork.leaves` needs no second look as long as the run goes on.
struct LeafCopy: Sendable {
    let work: CopyWork
    let disk: Manifest.Disk
    let base: BaseTree?
    let builder: TreeBuilder
    let nodes: NodeWriter
    let awaited: AwaitedBlobs
    let damages: CopyDamages
    let tally: CopyTally

    func copy(_ leaves: [ChangedLeaves.Leaf]) async throws(EngineError) {
        guard !leaves.isEmpty else { return }
        var known: [Digest: NodeReference] = [:]
        for leaf in leaves { if let id = leaf.node?.id { known[id] = work.leaves[id] } }
        let fresh = leaves.filter { leaf in leaf.node.map { known[$0.id] == nil } ?? false }
        let reading = LeafReading(
            blobs: work.sourceBlobs, fetching: work.fetching, disk: disk, damages: damages)
        let contents = try await reading.contents(of: fresh)
        let names = ChunkNames(work.chunks, work.translation)
        if work.translation.needsContent { try await learn(names, fresh) }
        try await copyChunks(of: fresh, contents, names)
        for leaf in leaves {
            let there = try await write(leaf, known, contents, names)
            try await writing { () async throws(EngineError) in try await builder.finish(leaf.number, there) }
            tally.settle(leaf.node?.usedBytes ?? 0)
        }
    }

    /// The root at the destination, when all leaves are copied.
    func root() async throws(EngineError) -> NodeReference? {
        try await writing { () async throws(EngineError) in try await builder.finish() }
    }

    /// What the chunks of these leaves are called at the destination, as far as they were there before.
    private func learn(_ names: ChunkNames, _ leaves: [ChangedLeaves.Leaf]) async throws(EngineError) {
        guard let base else { return }
        let pairs = try await work.source.target.together(leaves) { try await base.chunks(ofLeaf: $0.number) }
        for pair in pairs.joined() { names.learn(pair.source, pair.destination) }
    }

    private func copyChunks(
        of leaves: [ChangedLeaves.Leaf], _ contents: [Digest: LeafReading.Content], _ names: ChunkNames
    ) async throws(EngineError) {
        let copy = ChunkCopy(work: work, names: names, awaited: awaited, tally: tally)
        let extents = leaves.flatMap { leaf in leaf.node.flatMap { contents[$0.id] }?.extents ?? [] }
        let faults = try await copy.run(extents.map(\.chunk))
        guard !faults.isEmpty else { return }
        for leaf in leaves {
            let start = disk.shape.range(ofLeaf: leaf.number).start
            for extent in leaf.node.flatMap({ contents[$0.id] })?.extents ?? [] {
                guard let fault = faults[extent.chunk] else { continue }
                let unit = UInt64(RepositoryFormat.unit)
                let range = ByteRange(
                    min(start + UInt64(extent.start) * unit, disk.size),
                    min(start + UInt64(extent.end) * unit, disk.size))
                damages.add(
                    fault, at: work.source.index.location(of: extent.chunk), disk: disk.address, range)
            }
        }
        try damages.check()
    }

    private func write(
        _ leaf: ChangedLeaves.Leaf, _ known: [Digest: NodeReference], _ contents: [Digest: LeafReading.Content],
        _ names: ChunkNames
    ) async throws(EngineError) -> NodeReference? {
        guard let node = leaf.node else { return nil }
        if let there = known[node.id] ?? work.leaves[node.id] {
            return NodeReference(id: there.id, usedBytes: node.usedBytes)
        }
        guard let content = contents[node.id] else {
            throw EngineError(.bug, "leaf \(node.id) was not read")
        }
        let bytes = try work.translation.keepsIDs ? content.bytes : rewritten(content.extents, names)
        let id = try await work.destination.naming { () async throws(EngineError) in try await nodes.write(bytes) }
        let there = NodeReference(id: id, usedBytes: node.usedBytes)
        work.leaves[node.id] = there
        return there
    }

    private func rewritten(_ extents: [TreeNode.Extent], _ names: ChunkNames) throws(EngineError) -> [UInt8] {
        var result: [TreeNode.Extent] = []
        result.reserveCapacity(extents.count)
        for extent in extents {
            guard let chunk = names[extent.chunk] else {
                throw EngineError(.bug, "chunk \(extent.chunk) has no name at the destination")
            }
            var extent = extent
            extent.chunk = chunk
            result.append(extent)
        }
        return TreeNode.leaf(result).encoded()
    }

    /// Writing nodes reads those of the earlier tree at the destination.
    private func writing<R>(_ body: () async throws(EngineError) -> R) async throws(EngineError) -> R {
        guard let base else { return try await work.destination.naming(body) }
        return try await base.reading { () async throws(EngineError) in try await work.destination.naming(body) }
    }
}

/// What chunks of the source are called at the destination, while some leaves are copied.
final class ChunkNames: Sendable {
    private let known = Mutex<[Digest: Digest]>([:])
    private let recent: RecentPairs<Digest>
    private let translation: IDTranslation

    init(_ recent: RecentPairs<Digest>, _ translation: IDTranslation) {
        self.recent = recent
        self.translation = translation
    }

    subscript(id: Digest) -> Digest? {
        translation.id(of: id) ?? known.withLock { $0[id] }
    }

    /// The name, also when it was learned with leaves before.
    func recall(_ id: Digest) -> Digest? {
        if let name = self[id] { return name }
        guard let name = recent[id] else { return nil }
        known.withLock { $0[id] = name }
        return name
    }

    func learn(_ id: Digest, _ name: Digest) {
        guard translation.needsContent else { return }
        known.withLock { $0[id] = name }
        recent[id] = name
    }
}
