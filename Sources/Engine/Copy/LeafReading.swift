import Synchronization

/// Reads leaves of the source, several at once.
struct LeafReading: Sendable {
    let blobs: BlobReader
    let fetching: BlobFetching
    let disk: Manifest.Disk
    let damages: CopyDamages

    struct Content: Sendable {
        /// As they are hashed.
        let bytes: [UInt8]
        let extents: [TreeNode.Extent]
    }

    /// - Returns: the leaves by the ids of their nodes.
    /// - Throws: `.corrupt` when one cannot be read, named in `damages`.
    func contents(of leaves: [ChangedLeaves.Leaf]) async throws(EngineError) -> [Digest: Content] {
        var wanted: [BlobFetches.Blob] = []
        var numbers: [Digest: UInt64] = [:]
        for leaf in leaves {
            guard let id = leaf.node?.id, numbers[id] == nil else { continue }
            numbers[id] = leaf.number
            do throws(EngineError) {
                let location = try blobs.locate(id, "tree node")
                guard Int(location.rawCount) <= TreeNode.limit, location.fetchCount <= FetchPlan.capacity else {
                    throw EngineError(.corrupt, "tree node \(id) claims \(location.rawCount) bytes")
                }
                wanted.append(BlobFetches.Blob(id: id, location: location))
            } catch {
                damages.add(error, at: nil, disk: disk.address, disk.shape.range(ofLeaf: leaf.number))
            }
        }
        let found = Mutex<[Digest: Content]>([:])
        let places = numbers
        try await fetching.run(wanted) { fetch, stored, failure throws(EngineError) in
            for blob in fetch.blobs {
                do throws(EngineError) {
                    let content = try await content(of: blob, fetch, stored, failure)
                    found.withLock { $0[blob.id] = content }
                } catch {
                    guard error.isDamage else { throw error }
                    let range = places[blob.id].map { disk.shape.range(ofLeaf: $0) }
                    damages.add(error, at: blob.location, disk: disk.address, range)
                }
            }
        }
        try damages.check()
        return found.withLock { $0 }
    }

    private func content(
        of blob: BlobFetches.Blob, _ fetch: BlobFetches.Fetch, _ stored: Buffer, _ failure: EngineError?
    ) async throws(EngineError) -> Content {
        let raw = Buffer(capacity: max(1, Int(blob.location.rawCount)))
        try await blobs.decode(blob, fetch, stored, failure, into: raw)
        let node = try raw.withBytes { span throws(EngineError) in try TreeNode(parsing: span, id: blob.id) }
        guard case .leaf(let extents) = node else {
            throw EngineError(.corrupt, "tree node \(blob.id) is no leaf where one is expected")
        }
        return Content(bytes: raw.array, extents: extents)
    }
}

extension BlobReader {
    /// Decodes a blob out of what was read, compares it with its id, and goes for parity or other copies when it is
    /// damaged.
    /// - Parameter raw: empty, with room for it.
    func decode(
        _ blob: BlobFetches.Blob, _ fetch: BlobFetches.Fetch, _ stored: Buffer, _ failure: EngineError?,
        into raw: Buffer
    ) async throws(EngineError) {
        do throws(EngineError) {
            if let failure { throw failure }
            try stored.withBytes(fetch.place(of: blob)) { bytes throws(EngineError) in
                try decode(bytes, id: blob.id, location: blob.location, into: raw)
            }
        } catch {
            guard error.kind == .corrupt || error.kind == .notFound else { throw error }
            raw.removeAll()
            try await rescue(blob.id, from: blob.location, into: raw, because: error)
        }
    }
}
