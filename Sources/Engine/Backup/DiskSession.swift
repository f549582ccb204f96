/// What all lanes of one disk's backup share.
struct DiskSession: Sendable {
    let capture: any Capture
    let disk: CapturedDisk
    let shape: TreeShape
    let coverage: RegionMap.Coverage
    /// The disk at the restore point before; the base of an increment, a hint for a full.
    let earlier: EarlierTree?
    let trees: TreeReader
    let nodes: NodeWriter
    let store: BlobStore
    let codec: any Codec
    let chunker: Chunker
    let awaited: AwaitedBlobs

    /// Root of the tree that this one is built on; nil for a full.
    var parent: NodeReference? { coverage == .changes ? earlier?.root : nil }

    /// What the leaf held at the restore point before.
    /// - Throws: `.corrupt` when an increment's base is damaged.
    func earlierLeaf(_ leaf: UInt64) async throws(EngineError) -> LeafMap {
        guard let earlier, leaf < earlier.shape.leafCount else { return LeafMap() }
        do {
            return LeafMap(try await trees.leaf(leaf, of: earlier.root, shape: earlier.shape))
        } catch  where coverage == .used && (error.kind == .corrupt || error.kind == .notFound) {
            return LeafMap()
        }
    }

    /// The id of a chunk.
    func id(of bytes: RawSpan) -> Digest { store.identity.id(of: bytes) }
}
