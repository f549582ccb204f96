/// The writing side of a repository during one run: claims, and packs of both kinds.
///
/// The order keeps a crash harmless: packs become durable first, then the index run that lists them, then, by its
/// caller, the manifest.
package final class BlobStore: Sendable {
    /// How bytes get their ids.
    let identity: ContentIdentity
    /// What blobs are encrypted with; nil without encryption.
    let cipher: BlobCipher?
    private let index: any DedupIndex
    private let ledger: StorageLedger
    private let data: PackStream
    private let metadata: PackStream

    /// - Parameters:
    ///   - session: of the packs' names.
    ///   - parity: writes the packs' parity; nil for none.
    ///   - unlisted: blobs of packs that no index run lists yet; they are listed by this run.
    /// - Throws: `.locked` when the repository was opened without its keys.
    init(
        repository: Repository, index: any DedupIndex, session: SessionID, packSize: Int, parity: ParityWriter? = nil,
        unlisted: [BlobEntry]
    ) throws(EngineError) {
        let target = repository.target
        let ledger = StorageLedger(target: target, index: index, unlisted: unlisted)
        func stream(_ kind: PackKind, buffers: Int, size: Int) -> PackStream {
            PackStream(
                kind: kind, target: target, parity: parity, session: session,
                pool: BufferPool(limit: buffers, capacity: size),
                stored: { entries, count throws(EngineError) in try await ledger.stored(entries, count, kind) },
                failed: { ids in index.abandon(ids) })
        }
        identity = try repository.identity
        cipher = try repository.protection.cipher
        self.index = index
        self.ledger = ledger
        data = stream(.data, buffers: 3, size: packSize)
        metadata = stream(.metadata, buffers: 2, size: min(packSize, 16 << 20))
    }

    package var totals: StorageTotals { ledger.totals }

    /// Names of the index runs that this store has written.
    var runNames: Set<String> { ledger.runNames }

    func claim(_ id: Digest) -> ChunkClaim { index.claim(id) }

    func isStored(_ id: Digest) -> Bool { index.holds(id) }

    /// Gives a claim back that could not be encoded.
    func abandon(_ id: Digest) { index.abandon([id]) }

    /// Takes in a blob whose claim the caller holds; it is durable after `flush`.
    func append(_ blob: EncodedBlob, _ kind: PackKind) async throws(EngineError) {
        try await stream(kind).append(blob)
    }

    /// Makes everything appended so far durable and listed.
    func flush() async throws(EngineError) {
        try await data.flush()
        try await metadata.flush()
        try await ledger.writeRun(ifMoreThan: 0)
    }

    /// Ends a run that failed or was cancelled: what is in packs stays useful, the rest is forgotten.
    func abandon() async {
        await data.abandon()
        await metadata.abandon()
        // The packs are whole and found by the next run, even when this list cannot be written.
        try? await ledger.writeRun(ifMoreThan: 0)
    }

    private func stream(_ kind: PackKind) -> PackStream {
        switch kind {
        case .data: data
        case .metadata: metadata
        }
    }
}
