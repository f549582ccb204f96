/// Brings a catalog up to date with a repository: fetches only manifests it lacks, forgets what is gone.
package struct CatalogSync: Sendable {
    package let repository: Repository
    package let catalog: any Catalog

    package init(repository: Repository, catalog: any Catalog) {
        self.repository = repository
        self.catalog = catalog
    }

    /// - Returns: what could not be read, in words; the rest is in the catalog.
    package func run() async throws(EngineError) -> [String] {
        let stored = try await repository.restorePoints()
        let known = try await catalog.knownPoints(repository: repository.id)
        let gone = known.subtracting(stored.map(\.id))
        if !gone.isEmpty { try await catalog.forget(gone, repository: repository.id) }
        var warnings: [String] = []
        var fetched: [Manifest] = []
        for point in stored where !known.contains(point.id) {
            do {
                fetched.append(try await repository.manifest(point))
            } catch  where error.kind == .corrupt || error.kind == .unsupported {
                warnings.append("\(error)")
            }
        }
        try await catalog.keep(fetched, repository: repository.id)
        return warnings
    }
}
