import Synchronization

/// Blobs that this VM needs and another lane is about to store. A manifest is committed only when all of them are there.
final class AwaitedBlobs: Sendable {
    private let ids = Mutex<Set<Digest>>([])

    func insert(_ id: Digest) { ids.withLock { _ = $0.insert(id) } }

    /// Makes everything durable and waits for the blobs of others.
    /// - Throws: what the store throws; `.failed` when another VM's backup failed before it stored a blob needed here.
    func settle(_ store: BlobStore) async throws(EngineError) {
        try await store.flush()
        var attempts = 0
        while let missing = ids.withLock({ ids in
            ids = ids.filter { !store.isStored($0) }
            return ids.first
        }) {
            attempts += 1
            guard attempts < 2000 else {
                throw EngineError(
                    .failed, "chunk \(missing), shared with another VM, was not stored because that VM's backup failed",
                    isRetryable: true)
            }
            do { try await Task.sleep(for: .milliseconds(5)) } catch { throw EngineError(error) }
            try await store.flush()
        }
    }
}
