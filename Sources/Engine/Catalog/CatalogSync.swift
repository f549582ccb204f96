/// Brings a catalog up to date with a repository: fetches only manifests it lacks, forgets what is gone.
package struct CatalogSync: Sendable {
    package let repository: Repository
    package let catalog: any Catalog

    /// So many manifests are fetched before they are kept.
    private static let batch = 1000

    package init(repository: Repository, catalog: any Catalog) {
        self.repository = repository
        self.catalog = catalog
    }

    /// - Returns: what could not be read; the rest is in the catalog.
    package func run() async throws(EngineError) -> [UnreadablePoint] {
        let stored = try await repository.restorePoints()
        let known = try await catalog.knownPoints(repository: repository.id)
        let gone = known.subtracting(stored.map(\.id))
        if !gone.isEmpty { try await catalog.forget(gone, repository: repository.id) }
        var missing = stored.filter { !known.contains($0.id) }[...]
        var unreadable: [UnreadablePoint] = []
        while !missing.isEmpty {
            let fetched = try await fetch(Array(missing.prefix(Self.batch)))
            missing = missing.dropFirst(Self.batch)
            try await catalog.keep(fetched.compactMap { try? $0.get() }, repository: repository.id)
            for case .failure(let failure) in fetched { unreadable.append(failure) }
        }
        return unreadable
    }

    /// Reads manifests; those that left meanwhile are in no list.
    private func fetch(_ points: [StoredPoint]) async throws(EngineError) -> [Result<PointOverview, UnreadablePoint>] {
        let repository = repository
        return try await repository.target.together(points) { point -> Result<PointOverview, UnreadablePoint>? in
            do throws(EngineError) {
                return .success(PointOverview(try await repository.manifest(point), at: point))
            } catch {
                switch error.kind {
                case .notFound: return nil
                case .corrupt, .unsupported: return .failure(UnreadablePoint(point: point, error: error))
                default: throw error
                }
            }
        }.compactMap(\.self)
    }
}
