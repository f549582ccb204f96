import Engine

/// The restore points of the configured repositories, by way of the catalog.
struct RestorePoints: Sendable {
    private let access: RepositoryAccess
    private let catalog: SQLiteCatalog
    private let console: Console

    init(_ configuration: HostConfiguration, in surroundings: Surroundings) throws(EngineError) {
        access = RepositoryAccess(configuration, in: surroundings)
        console = surroundings.console
        let console = console
        do {
            try configuration.cache.prepare()
        } catch {
            console.warn("\(error)")
        }
        catalog = try SQLiteCatalog(path: configuration.cache.catalog, warn: { console.warn($0) })
    }

    /// Restore points of one repository or of all, oldest first.
    ///
    /// Among several repositories one that cannot be read is told on stderr and left out.
    func list(repository: String?, vm: String?) async throws(EngineError) -> [FoundPoint] {
        guard repository == nil, access.names.count > 1 else {
            return try await access.use(repository) { open throws(EngineError) in try await list(in: open, vm: vm) }
        }
        var points: [FoundPoint] = []
        var failures: [EngineError] = []
        for name in access.names {
            do {
                points += try await access.use(name) { open throws(EngineError) in try await list(in: open, vm: vm) }
            } catch  where error.kind != .cancelled {
                console.warn("\(error)")
                failures.append(error)
            }
        }
        if let first = failures.first, failures.count == access.names.count { throw first }
        return points.sorted { $0.id < $1.id }
    }

    /// The restore point that `reference` means.
    func find(_ reference: PointReference, repository: String?, vm: String?) async throws(EngineError) -> FoundPoint {
        try reference.resolve(among: try await list(repository: repository, vm: vm), vm: vm)
    }

    /// Restore points of an open repository, oldest first; brings the catalog up to date with it.
    func list(in open: OpenRepository, vm: String?) async throws(EngineError) -> [FoundPoint] {
        while true {
            let generation = catalog.generation
            try await synchronize(open)
            let manifests = try await catalog.manifests(repository: open.repository.id, vm: vm)
            if catalog.generation == generation {
                return manifests.map { FoundPoint(repository: open.name, manifest: $0) }
            }
        }
    }

    /// Brings the catalog up to date with a repository.
    func synchronize(_ open: OpenRepository) async throws(EngineError) {
        for warning in try await CatalogSync(repository: open.repository, catalog: catalog).run() {
            console.warn("repository \(open.name): \(warning)")
        }
    }

    /// Forgets what the catalog says of a repository and reads all of it again. Returns how many restore points it has.
    func rebuild(_ open: OpenRepository) async throws(EngineError) -> Int {
        try await catalog.forgetAll(repository: open.repository.id)
        return try await list(in: open, vm: nil).count
    }
}
