/// Stores tree nodes and other metadata that the repository does not have yet.
struct NodeWriter: Sendable {
    let store: BlobStore
    let codec: any Codec
    let awaited: AwaitedBlobs
    /// Reads what is there already before it is relied on; nil to believe that it is good.
    var reader: BlobReader?

    /// The same, but nothing is relied on without having been read.
    func verifying(by reader: BlobReader) -> NodeWriter {
        var copy = self
        copy.reader = reader
        return copy
    }

    func write(_ node: TreeNode) async throws(EngineError) -> NodeReference {
        NodeReference(id: try await write(node.encoded()), usedBytes: node.usedBytes)
    }

    /// Stores `bytes` as a metadata blob, unless it is there already.
    func write(_ bytes: [UInt8]) async throws(EngineError) -> Digest {
        let id = store.identity.id(of: bytes.span.bytes)
        switch try await claim(id, bytes.count) {
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

    /// A copy that turns out to be damaged is to be avoided from then on, so that the second claim is of a blob that is
    /// not there.
    private func claim(_ id: Digest, _ count: Int) async throws(EngineError) -> ChunkClaim {
        let claim = store.claim(id)
        guard case .stored = claim, let reader else { return claim }
        do {
            _ = try await reader.read(id, limit: count, "metadata")
            return claim
        } catch  where error.kind == .corrupt || error.kind == .notFound {
            return store.claim(id)
        }
    }
}
