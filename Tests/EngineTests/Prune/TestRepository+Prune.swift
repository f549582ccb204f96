@testable import Engine

extension TestRepository {
    /// Keys of the target with a prefix.
    func keys(_ prefix: String) -> [ObjectKey] { store.keys.filter { $0.text.hasPrefix(prefix) } }

    /// Bytes of all packs.
    var packBytes: Int { keys(ObjectLayout.packs).reduce(0) { $0 + (store[$1]?.count ?? 0) } }

    func prune(
        deleting manifests: [Manifest] = [], _ options: PruneOptions = PruneOptions()
    ) async throws -> PruneReport {
        try await pruneRun(options).run(deleting: stored(manifests))
    }

    func prune(options: PruneOptions) async throws -> PruneReport { try await prune(deleting: [], options) }

    func plan(deleting manifests: [Manifest], _ options: PruneOptions = PruneOptions()) async throws -> PruneReport {
        try await pruneRun(options).plan(deleting: stored(manifests))
    }

    private func pruneRun(_ options: PruneOptions) async throws -> PruneRun {
        PruneRun(
            repository: try await repository(), index: try index(), options: options, leases: leases,
            progress: { _ in })
    }

    private func stored(_ manifests: [Manifest]) async throws -> [StoredPoint] {
        let ids = Set(manifests.map(\.id))
        return try await repository().restorePoints().filter { ids.contains($0.id) }
    }

    /// A backup whose process dies before the commit, leaving packs and its lease.
    func dyingBackup(_ source: GuestSource) async throws {
        let lease = try RunLease(in: leases, tag: "dying")
        let session = try await Session.begin(.backup, on: target, run: lease)
        let loaded = try await IndexLoader(repository()).load(into: index())
        _ = loaded
        let report = try await backUp(source)
        for manifest in report.manifests { try await repository().withdraw(manifest) }
        _ = session
    }
}

extension PruneReport {
    /// Whether a plan promised what a prune then did.
    func same(as other: PruneReport) -> Bool {
        var (a, b) = (self, other)
        a.seconds = 0
        b.seconds = 0
        return a == b
    }
}
