import Synchronization

/// What the copies of all restore points of one run share.
struct CopyWork: Sendable {
    let source: CopySide
    let destination: CopySide
    /// Keeps a prune of the source from taking packs away; nil at a source that cannot be written to.
    let sourceSession: Session?
    let session: Session
    let store: BlobStore
    let codec: any Codec
    let sourceBlobs: BlobReader
    let sourceTrees: TreeReader
    let destinationTrees: TreeReader
    let translation: IDTranslation
    let fetching: BlobFetching
    /// Buffers of one decoded chunk.
    let rawBuffers: BufferPool
    /// Buffers of one encoded chunk.
    let scratchBuffers: BufferPool
    /// Whether the destination knows of damage: then nothing below an earlier tree is believed to be there.
    let heals: Bool
    /// Leaves of the source that are at the destination with all their chunks, and what they are called there.
    let leaves = RecentPairs<NodeReference>(limit: 1 << 16)
    /// Chunks of an encrypted source, and what they are called at the destination.
    let chunks = RecentPairs<Digest>(limit: 1 << 17)
    let progress: ProgressSink

    init(
        _ run: CopyRun, sourceSession: Session?, session: Session, store: BlobStore, sourceRescue: BlobRescue,
        destinationRescue: BlobRescue, heals: Bool
    ) throws(EngineError) {
        source = run.source
        destination = run.destination
        self.sourceSession = sourceSession
        self.session = session
        self.store = store
        codec = run.codec
        sourceBlobs = BlobReader(run.source.repository, index: run.source.index, rescue: sourceRescue)
        sourceTrees = TreeReader(blobs: sourceBlobs)
        destinationTrees = TreeReader(
            blobs: BlobReader(run.destination.repository, index: run.destination.index, rescue: destinationRescue))
        translation = try IDTranslation(from: run.source.repository, to: run.destination.repository)
        let lanes = max(1, run.options.lanes)
        fetching = BlobFetching(
            source: run.source, buffers: BufferPool(limit: lanes, capacity: FetchPlan.capacity), lanes: lanes)
        rawBuffers = BufferPool(limit: lanes, capacity: RepositoryFormat.chunkLimit)
        scratchBuffers = BufferPool(
            limit: lanes,
            capacity: EncodedBlob.scratchCapacity(for: RepositoryFormat.chunkLimit, codec: run.codec))
        self.heals = heals
        progress = run.progress
    }
}

/// How far the copy of one disk has come.
final class CopyTally: Sendable {
    private struct State {
        var done: UInt64 = 0
        var amount = CopyAmount()
    }

    private let state = Mutex(State())
    private let advanced: @Sendable (_ done: UInt64, CopyAmount) -> Void

    init(_ advanced: @escaping @Sendable (_ done: UInt64, CopyAmount) -> Void = { _, _ in }) {
        self.advanced = advanced
    }

    var amount: CopyAmount { state.withLock { $0.amount } }

    /// `bytes` of the disk are settled: they are at the destination, or will be with the next flush.
    func settle(_ bytes: UInt64) {
        change { $0.done += bytes }
    }

    func read(_ bytes: Int) {
        change { $0.amount.read += UInt64(bytes) }
    }

    /// A blob went over.
    func took(_ blob: EncodedBlob, asStored: Bool) {
        let count = UInt64(PackLayout.blobHeaderCount + blob.storedCount)
        change { state in
            state.amount.raw += UInt64(blob.rawCount)
            if asStored {
                state.amount.moved += 1
                state.amount.movedBytes += count
            } else {
                state.amount.encoded += 1
                state.amount.encodedBytes += count
            }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let (done, amount) = state.withLock { state in
            body(&state)
            return (state.done, state.amount)
        }
        advanced(done, amount)
    }
}
