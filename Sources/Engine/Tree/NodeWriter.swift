/// Stores tree nodes and other metadata that the repository does not have yet.
struct NodeWriter: Sendable {
    let store: BlobStore
    let codec: any Codec
    let awaited: AwaitedBlobs

    func write(_ node: TreeNode) async throws(EngineError) -> NodeReference {
        NodeReference(id: try await write(node.encoded()), usedBytes: node.usedBytes)
    }

    /// Stores `bytes` as a metadata blob, unless it is there already.
    func write(_ bytes: [UInt8]) async throws(EngineError) -> Digest {
        let id = store.identity.id(of: bytes.span.bytes)
        switch store.claim(id) {
        case .stored: return id
        case .pending:
            awaited.insert(id)
            return id
        case .new: break
        }
        let scratch = Buffer(capacity: EncodedBlob.scratchCapacity(for: bytes.count, codec: codec))
        let blob: EncodedBlob
        do {
            blob = try EncodedBlob(
                id: id, raw: bytes.span.bytes, codec: codec, cipher: store.cipher, kind: .metadata, scratch: scratch)
        } catch {
            store.abandon(id)
            throw error
        }
        try await store.append(blob, .metadata)
        return id
    }
}
