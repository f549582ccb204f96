/// Checks a repository and says what damage costs. Changes nothing.
///
/// It runs beside backups and prunes: as long as it can, it holds a lease that keeps a prune from taking packs away that
/// it still reads.
package struct Verifier: Sendable {
    package let repository: Repository
    package let index: any DedupIndex
    /// Folder of this proxy's run leases; nil to read without a lease.
    package let leases: String?
    /// File that remembers what was checked; nil to remember nothing.
    package let memory: String?
    package let progress: ProgressSink

    package init(
        repository: Repository, index: any DedupIndex, leases: String? = nil, memory: String? = nil,
        progress: @escaping ProgressSink
    ) {
        self.repository = repository
        self.index = index
        self.leases = leases
        self.memory = memory
        self.progress = progress
    }

    /// - Throws: what keeps the check from being done at all; damage is no error but part of the report. `.locked` for a
    ///   check other than `.scrub` without the keys of an encrypted repository.
    package func check(_ depth: CheckDepth) async throws(EngineError) -> CheckReport {
        try await onBlockingThreads { try await run(depth) }
    }

    private func run(_ depth: CheckDepth) async throws -> CheckReport {
        if depth != .scrub { _ = try repository.identity }
        guard let leases else { return try await CheckWork(self, depth).run() }
        let lease = try RunLease(in: leases, tag: repository.tag)
        defer { withExtendedLifetime(lease) {} }
        let session = try await Session.beginReading(.check, on: repository.target, run: lease)
        guard let session else { return try await CheckWork(self, depth).run() }
        return try await session.whileLeased { try await CheckWork(self, depth).run() }
    }
}
