/// What everybody who reads a restore point's content needs around it: a lease on the repository, so that no prune takes
/// anything away meanwhile, the index, and help against damage.
struct PointReading: Sendable {
    let repository: Repository
    let index: any DedupIndex
    /// Folder of this proxy's run leases.
    let leases: String
    let progress: ProgressSink

    /// - Throws: what `body` throws; `.notFound`, `.corrupt` and what the target throws.
    func run<R: Sendable>(
        _ manifest: Manifest, _ body: (BlobReader, RunLease) async throws -> R
    ) async throws -> R {
        let lease = try RunLease(in: leases, tag: repository.tag)
        defer { withExtendedLifetime(lease) {} }
        let session = try await Session.beginReading(.restore, on: repository.target, run: lease)
        guard let session else { return try await read(lease, body) }
        return try await session.whileLeased {
            try await session.pin(manifest.roots)
            return try await read(lease, body)
        }
    }

    private func read<R: Sendable>(
        _ lease: RunLease, _ body: (BlobReader, RunLease) async throws -> R
    ) async throws -> R {
        let marks = try await DamageMarks.load(from: repository.target)
        let loaded = try await IndexLoader(repository).load(into: index, avoiding: marks.avoided)
        for warning in marks.warnings + loaded.warnings { progress(.warning(vm: nil, warning)) }
        let rescue = BlobRescue(
            target: repository.target, parity: repository.codecs.parity, index: index, avoided: loaded.avoided)
        defer { for warning in rescue.warnings { progress(.warning(vm: nil, warning)) } }
        return try await body(BlobReader(repository, index: index, rescue: rescue), lease)
    }
}
