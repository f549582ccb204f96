import Synchronization

/// Takes in the index runs that other processes put while a run is going on, and looks at none of them twice.
final class IndexRefresh: Sendable {
    private let repository: Repository
    private let index: any DedupIndex
    private let store: BlobStore
    /// Names of the runs that the index has taken in.
    private let seen = Mutex<Set<String>>([])

    /// - Parameter store: writes runs too, of blobs that the index knows before they are written.
    init(_ repository: Repository, _ index: any DedupIndex, besides store: BlobStore) {
        self.repository = repository
        self.index = index
        self.store = store
    }

    /// Costs one listing when no other process has put a run.
    func look() async throws(EngineError) {
        let own = store.runNames
        let names = try await StoredRuns.list(repository).runs.map(\.name).filter { !own.contains($0) }
        guard !seen.withLock({ $0.isSuperset(of: names) }) else { return }
        try await IndexLoader(repository).refresh(index)
        seen.withLock { $0 = Set(names) }
    }
}
