import Synchronization

/// Brings chunks over that the destination lacks: as they are stored where neither repository is encrypted, else
/// decoded, compared with their ids, and encoded anew.
struct ChunkCopy: Sendable {
    let work: CopyWork
    let names: ChunkNames
    let awaited: AwaitedBlobs
    let tally: CopyTally

    /// Chunks that were claimed at the destination and are in no pack yet, and those that cannot be read.
    private final class State: Sendable {
        let claimed = Mutex<Set<Digest>>([])
        let faults = Mutex<[Digest: EngineError]>([:])
    }

    /// - Parameter ids: at the source, with repetitions.
    /// - Returns: why chunks cannot be read, by their ids; all others are at the destination or in packs that are
    ///   filled.
    /// - Throws: what the repositories throw; then nothing is claimed any more.
    func run(_ ids: [Digest]) async throws(EngineError) -> [Digest: EngineError] {
        let state = State()
        do throws(EngineError) {
            let blobs = lacking(ids, state)
            let rows = try await PackRows(source: work.source, of: work.translation.keepsIDs ? blobs : [])
            try await work.fetching.run(blobs) { fetch, stored, failure throws(EngineError) in
                tally.read(fetch.range.count)
                for blob in fetch.blobs { try await copy(blob, fetch, stored, failure, rows, state) }
            }
        } catch {
            giveBack(state)
            throw error
        }
        giveBack(state)
        return state.faults.withLock { $0 }
    }

    private func giveBack(_ state: State) {
        for id in state.claimed.withLock({ $0 }) { work.store.abandon(id) }
    }

    /// Claims what the destination does not have.
    private func lacking(_ ids: [Digest], _ state: State) -> [BlobFetches.Blob] {
        var seen: Set<Digest> = []
        var blobs: [BlobFetches.Blob] = []
        for id in ids where seen.insert(id).inserted {
            let name = names.recall(id)
            if let name, !claim(name, state) { continue }
            do throws(EngineError) {
                let location = try work.sourceBlobs.locate(id, "chunk")
                guard location.fetchCount <= FetchPlan.capacity, Int(location.rawCount) <= RepositoryFormat.chunkLimit
                else { throw EngineError(.corrupt, "chunk \(id) claims \(location.rawCount) bytes") }
                blobs.append(BlobFetches.Blob(id: id, location: location, claimed: name))
            } catch {
                state.faults.withLock { $0[id] = error }
            }
        }
        return blobs
    }

    /// Whether the chunk is to be stored, by us.
    private func claim(_ name: Digest, _ state: State) -> Bool {
        switch work.store.claim(name) {
        case .stored: return false
        case .pending:
            awaited.insert(name)
            return false
        case .new:
            state.claimed.withLock { _ = $0.insert(name) }
            return true
        }
    }

    private func copy(
        _ blob: BlobFetches.Blob, _ fetch: BlobFetches.Fetch, _ stored: Buffer, _ failure: EngineError?,
        _ rows: PackRows, _ state: State
    ) async throws(EngineError) {
        let raw = await work.rawBuffers.acquire()
        let scratch = await work.scratchBuffers.acquire()
        defer {
            work.rawBuffers.release(raw)
            work.scratchBuffers.release(scratch)
        }
        var unchanged: EncodedBlob?
        do throws(EngineError) {
            if work.translation.keepsIDs, failure == nil {
                unchanged = try asStored(blob, fetch, stored, rows, raw, scratch)
            }
            raw.removeAll()
            if unchanged == nil { try await work.sourceBlobs.decode(blob, fetch, stored, failure, into: raw) }
        } catch {
            guard error.isDamage else { throw error.at("repository \(work.source.name)") }
            return state.faults.withLock { $0[blob.id] = error }
        }
        if let unchanged { return try await append(unchanged, asStored: true, state) }
        guard let name = nameIfLacking(blob, raw, state) else { return }
        let encoded = try raw.withBytes { bytes throws(EngineError) in
            try EncodedBlob(
                id: name, raw: bytes, codec: work.codec, cipher: work.store.cipher, kind: .data, scratch: scratch)
        }
        try await append(encoded, asStored: false, state)
    }

    /// The blob as it is, checked; nil when it is not as it was written.
    private func asStored(
        _ blob: BlobFetches.Blob, _ fetch: BlobFetches.Fetch, _ stored: Buffer, _ rows: PackRows, _ raw: Buffer,
        _ scratch: Buffer
    ) throws(EngineError) -> EncodedBlob? {
        let place = fetch.place(of: blob)
        if let row = rows[blob] {
            guard stored.withBytes(place, { Checksum.xxh64($0) }) == row.checksum else { return nil }
        } else {
            do throws(EngineError) {
                try stored.withBytes(place) { bytes throws(EngineError) in
                    try work.sourceBlobs.decode(bytes, id: blob.id, location: blob.location, into: raw)
                }
            } catch {
                guard error.kind == .corrupt else { throw error }
                return nil
            }
        }
        scratch.removeAll()
        stored.withBytes(place) { scratch.append($0) }
        return EncodedBlob(copyOf: blob, scratch)
    }

    /// What the chunk is called at the destination; nil when it is there.
    private func nameIfLacking(_ blob: BlobFetches.Blob, _ raw: Buffer, _ state: State) -> Digest? {
        if let name = blob.claimed { return name }
        let name = raw.withBytes { work.store.identity.id(of: $0) }
        names.learn(blob.id, name)
        return claim(name, state) ? name : nil
    }

    private func append(_ blob: EncodedBlob, asStored: Bool, _ state: State) async throws(EngineError) {
        try await work.destination.naming { () async throws(EngineError) in try await work.store.append(blob, .data) }
        state.claimed.withLock { _ = $0.remove(blob.id) }
        tally.took(blob, asStored: asStored)
    }
}

extension EncodedBlob {
    /// A blob of another repository without encryption, as it is stored there; nil when its header is not the blob's.
    init?(copyOf blob: BlobFetches.Blob, _ bytes: Buffer) {
        let location = blob.location
        let header = BlobHeader(
            codec: location.codec, generation: nil, storedCount: location.storedCount, rawCount: location.rawCount)
        guard (try? bytes.withBytes { span throws(EngineError) in try BlobHeader(parsing: span) }) == header else {
            return nil
        }
        id = blob.id
        storedCount = Int(location.storedCount)
        rawCount = Int(location.rawCount)
        codec = location.codec
        checksum = bytes.withBytes { Checksum.xxh64($0) }
        self.bytes = bytes
    }
}
