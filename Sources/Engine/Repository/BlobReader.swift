/// Fetches blobs and gives back their bytes, always checked against their id.
package struct BlobReader: Sendable {
    let target: any Target
    let codecs: CodecSet
    let index: any DedupIndex

    /// Where the blob is.
    /// - Throws: `.corrupt` when no pack has it.
    func locate(_ id: Digest, _ what: String) throws(EngineError) -> BlobLocation {
        guard let location = index.location(of: id) else {
            throw EngineError(.corrupt, "\(what) \(id) is in no pack of the repository")
        }
        return location
    }

    /// One blob, small enough to be fetched by itself.
    /// - Throws: `.corrupt` naming the pack; what the target throws.
    package func read(_ id: Digest, limit: Int, _ what: String) async throws(EngineError) -> Buffer {
        let location = try locate(id, what)
        guard Int(location.rawCount) <= limit else {
            throw EngineError(.corrupt, "\(what) \(id) claims \(location.rawCount) bytes, more than it can have")
        }
        let stored = Buffer(capacity: location.fetchCount)
        let key = ObjectLayout.pack(location.pack, location.kind)
        try await target.get(key, location.fetchRange, into: stored)
        let raw = Buffer(capacity: max(1, Int(location.rawCount)))
        try stored.withBytes { bytes throws(EngineError) in
            try decode(bytes, id: id, location: location, into: raw)
        }
        return raw
    }

    /// Decodes the bytes of one blob, its header included, and checks them against its id.
    /// - Parameter output: has room for the raw bytes; they are appended.
    /// - Throws: `.corrupt` naming the pack and the place in it.
    func decode(_ blob: RawSpan, id: Digest, location: BlobLocation, into output: Buffer) throws(EngineError) {
        let key = ObjectLayout.pack(location.pack, location.kind)
        let header = PackLayout.blobHeader(
            codec: location.codec, stored: Int(location.storedCount), raw: Int(location.rawCount))
        let isExpected = blob.extracting(0..<PackLayout.blobHeaderCount).withUnsafeBytes { Array($0) } == header
        guard isExpected else { throw damaged(key, location, "its header is not that of the blob") }
        let start = output.count
        do {
            try codecs.codec(location.codec).decode(
                blob.extracting(PackLayout.blobHeaderCount..<blob.byteCount), rawCount: Int(location.rawCount),
                into: output)
        } catch  where error.kind == .corrupt {
            throw damaged(key, location, error.message)
        }
        guard output.count - start == Int(location.rawCount),
            output.withBytes(start..<output.count, { Digest.sha256($0) }) == id
        else { throw damaged(key, location, "its content does not fit its SHA-256") }
    }

    private func damaged(_ key: ObjectKey, _ location: BlobLocation, _ why: String) -> EngineError {
        EngineError(.corrupt, "\(key) is damaged at byte \(location.offset): \(why)")
    }
}

extension BlobLocation {
    /// Bytes to fetch: header and stored bytes.
    package var fetchCount: Int { PackLayout.blobHeaderCount + Int(storedCount) }
    package var fetchRange: Range<Int> { Int(offset)..<(Int(offset) + fetchCount) }
}
