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
        let survey = try await survey(open, vm: vm)
        for damaged in survey.unreadable { console.warn("repository \(open.name): \(damaged.error)") }
        return survey.points
    }

    /// What a repository has: by way of the catalog, of which it reads only what is new there.
    struct Survey: Sendable {
        /// Oldest first.
        let points: [FoundPoint]
        /// Restore points of whatever VM whose manifests cannot be read.
        let unreadable: [UnreadablePoint]
        /// All that are pinned, whether they can be read or not.
        let pinned: Set<RestorePointID>
    }

    /// Brings the catalog up to date with an open repository and reads it.
    func survey(_ open: OpenRepository, vm: String?) async throws(EngineError) -> Survey {
        while true {
            let generation = catalog.generation
            let unreadable = try await CatalogSync(repository: open.repository, catalog: catalog).run()
            let overviews = try await catalog.points(repository: open.repository.id, vm: vm)
            guard catalog.generation == generation else { continue }
            let pinned = try await open.repository.pinnedPoints()
            let points = overviews.map {
                FoundPoint(repository: open.name, overview: $0, isPinned: pinned.contains($0.id))
            }
            return Survey(points: points, unreadable: unreadable, pinned: pinned)
        }
    }

    /// Brings the catalog up to date with an open repository.
    func follow(_ open: OpenRepository) async throws(EngineError) {
        _ = try await CatalogSync(repository: open.repository, catalog: catalog).run()
    }

    /// What the catalog says of some VMs, oldest first, without bringing it up to date.
    func known(_ open: OpenRepository, ofVMs machines: Set<String>) async throws(EngineError) -> [FoundPoint] {
        let pinned = try await open.repository.pinnedPoints()
        // Of few VMs one by one, of many all at once: then most of what is read is wanted.
        var overviews: [PointOverview] = []
        if machines.count > Self.fewMachines {
            overviews = try await catalog.points(repository: open.repository.id, vm: nil)
        } else {
            for vm in machines { overviews += try await catalog.points(repository: open.repository.id, vm: vm) }
        }
        return overviews.filter { machines.contains($0.vm.id) }.map {
            FoundPoint(repository: open.name, overview: $0, isPinned: pinned.contains($0.id))
        }.sorted { $0.id < $1.id }
    }

    private static let fewMachines = 16

    /// What the arguments of a command mean, over one repository or all of them.
    func select(_ arguments: PointListArguments) async throws(EngineError) -> PointSelection {
        let names = arguments.repository.map { [$0] } ?? access.names
        var surveys: [(repository: String, survey: Survey)] = []
        for name in names.isEmpty ? [nil] : names.map(Optional.some) {
            surveys.append(
                try await access.use(name) { open throws(EngineError) in
                    (open.name, try await survey(open, vm: nil))
                })
        }
        return try PointSelection(arguments.references, among: surveys, vm: arguments.vm)
    }

    /// The catalog follows a deletion at once, without asking the repository.
    func forget(_ points: [StoredPoint], in open: OpenRepository) async throws(EngineError) {
        try await catalog.forget(Set(points.map(\.id)), repository: open.repository.id)
    }

    /// Deletes restore points from an open repository and from the catalog. Returns those that nobody pinned meanwhile.
    func delete(_ points: [StoredPoint], in open: OpenRepository) async throws(EngineError) -> Set<StoredPoint> {
        let gone = try await open.repository.delete(points)
        try await forget(gone, in: open)
        return Set(gone)
    }

    /// Forgets what the catalog says of a repository and reads all of it again. Returns how many restore points it has.
    func rebuild(_ open: OpenRepository) async throws(EngineError) -> Int {
        try await catalog.forgetAll(repository: open.repository.id)
        return try await list(in: open, vm: nil).count
    }
}
