import FoundationEssentials

/// Fetches blobs and gives back their bytes, always checked against their id.
package struct BlobReader: Sendable {
    let target: any Target
    let codecs: CodecSet
    let index: any DedupIndex
    /// What is done about damage that is met; nil to fail at once.
    let rescue: BlobRescue?
    private let protection: ContentProtection

    package init(_ repository: Repository, index: any DedupIndex, rescue: BlobRescue? = nil) {
        target = repository.target
        codecs = repository.codecs
        protection = repository.protection
        self.index = index
        self.rescue = rescue
    }

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
        let raw = Buffer(capacity: max(1, Int(location.rawCount)))
        do {
            try await target.get(key, location.fetchRange, into: stored)
            try stored.withBytes { bytes throws(EngineError) in
                try decode(bytes, id: id, location: location, into: raw)
            }
        } catch  where error.kind == .corrupt || error.kind == .notFound {
            raw.removeAll()
            try await rescue(id, from: location, into: raw, because: error)
        }
        return raw
    }

    /// Decodes the bytes of one blob, its header included, and checks them against its id.
    /// - Parameter output: has room for the raw bytes; they are appended.
    /// - Throws: `.corrupt` naming the pack and the place in it; `.locked` without the key.
    func decode(_ blob: RawSpan, id: Digest, location: BlobLocation, into output: Buffer) throws(EngineError) {
        let start = output.count
        do throws(EngineError) {
            let generation = try generation(of: blob, location)
            let codec = try codecs.codec(location.codec)
            if let generation, let cipher = try protection.cipher {
                let plain = try cipher.open(blob, generation: generation, id: id, kind: location.kind)
                try codec.decode(plain.bytes, rawCount: Int(location.rawCount), into: output)
            } else {
                try codec.decode(
                    blob.extracting(PackLayout.blobHeaderCount..<blob.byteCount), rawCount: Int(location.rawCount),
                    into: output)
            }
            let identity = try protection.identity
            guard output.count - start == Int(location.rawCount),
                output.withBytes(start..<output.count, { identity.id(of: $0) }) == id
            else { throw EngineError(.corrupt, "its content does not fit its id") }
        } catch {
            throw found(error, at: location)
        }
    }

    /// The key generation in a blob's header, which must be that of the blob.
    private func generation(of blob: RawSpan, _ location: BlobLocation) throws(EngineError) -> UInt16? {
        let header = try BlobHeader(parsing: blob)
        guard header.codec == location.codec, header.storedCount == location.storedCount,
            header.rawCount == location.rawCount
        else { throw EngineError(.corrupt, "its header is not that of the blob") }
        guard (header.generation != nil) == (try protection.cipher != nil) else {
            throw EngineError(
                .corrupt,
                header.generation == nil
                    ? "it is not encrypted, as all in this repository must be"
                    : "it is encrypted in a repository without encryption")
        }
        return header.generation
    }

    private func found(_ error: EngineError, at location: BlobLocation) -> EngineError {
        let key = ObjectLayout.pack(location.pack, location.kind)
        return switch error.kind {
        case .corrupt: EngineError(.corrupt, "\(key) is damaged at byte \(location.offset): \(error.message)")
        default: error.at("\(key), byte \(location.offset)")
        }
    }
}

extension BlobLocation {
    /// Bytes to fetch: header and stored bytes.
    package var fetchCount: Int { PackLayout.blobHeaderCount + Int(storedCount) }
    package var fetchRange: Range<Int> { Int(offset)..<(Int(offset) + fetchCount) }
}
