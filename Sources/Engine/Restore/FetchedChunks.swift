/// Chunks that were read from a pack with one request, still as they are stored.
struct FetchedChunks {
    private let fetch: FetchPlan.Fetch
    private let blobs: BlobReader
    private let stored: Buffer
    /// Why the request brought nothing: damage, which parity or other copies may make good.
    private let failure: EngineError?

    /// - Parameter stored: empty, with room for any fetch; used as long as this value is.
    /// - Throws: what the target throws, unless it is damage.
    init(_ fetch: FetchPlan.Fetch, by blobs: BlobReader, in stored: Buffer) async throws(EngineError) {
        self.fetch = fetch
        self.blobs = blobs
        self.stored = stored
        do {
            try await blobs.target.get(ObjectLayout.pack(fetch.pack, fetch.kind), fetch.range, into: stored)
            failure = nil
        } catch  where error.kind == .corrupt || error.kind == .notFound {
            failure = error
        }
    }

    /// Appends the bytes of a chunk, checked against its id.
    /// - Throws: `.corrupt` naming pack and place, when nothing helps; `raw` is as it was then.
    func decode(_ chunk: FetchPlan.Chunk, into raw: Buffer) async throws(EngineError) {
        let start = raw.count
        let blob = chunk.location.fetchRange
        let within = (blob.lowerBound - fetch.range.lowerBound)..<(blob.upperBound - fetch.range.lowerBound)
        do throws(EngineError) {
            if let failure { throw failure }
            try stored.withBytes(within) { bytes throws(EngineError) in
                try blobs.decode(bytes, id: chunk.id, location: chunk.location, into: raw)
            }
        } catch  where error.kind == .corrupt || error.kind == .notFound {
            raw.truncate(to: start)
            try await blobs.rescue(chunk.id, from: chunk.location, into: raw, because: error)
        }
    }
}
