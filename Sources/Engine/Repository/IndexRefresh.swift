import Synchronization

/// Takes in the index runs that other processes put while a run is going on, and looks at none of them twice.
final class IndexRefresh: Sendable {
    private let repository: Repository
    private let index: any DedupIndex
    /// Names of the runs there were when the index took them in last.
    private let seen = Mutex<[String]>([])

    init(_ repository: Repository, _ index: any DedupIndex) {
        self.repository = repository
        self.index = index
    }

    /// Costs one listing when there is nothing new.
    func look() async throws(EngineError) {
        let names = try await StoredRuns.list(repository).runs.map(\.name)
        guard seen.withLock({ $0 != names }) else { return }
        try await IndexLoader(repository).refresh(index)
        seen.withLock { $0 = names }
    }
}
