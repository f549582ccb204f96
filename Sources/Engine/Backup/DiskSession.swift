/// What all lanes of one disk's backup share.
struct DiskSession: Sendable {
    let capture: any Capture
    let disk: CapturedDisk
    let shape: TreeShape
    let coverage: RegionMap.Coverage
    /// Root of the disk's tree at the reference; nil for a full.
    let parent: NodeReference?
    let trees: TreeReader
    let nodes: NodeWriter
    let store: BlobStore
    let codec: any Codec
    let chunkSize: Int
    let awaited: AwaitedBlobs

    var chunker: FixedChunker { FixedChunker(size: chunkSize) }

    /// What the leaf held at the reference.
    func parentExtents(ofLeaf leaf: UInt64) async throws(EngineError) -> [TreeNode.Extent] {
        guard coverage == .changes, parent != nil else { return [] }
        return try await trees.leaf(leaf, of: parent, shape: shape)
    }
}
