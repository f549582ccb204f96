/// Makes a damaged repository as whole as it can be made: from parity, from other copies, and by telling the next
/// backups what to store again.
///
/// It reads and decodes every pack. It only adds objects, and takes away damaged ones of which everything is made anew;
/// a damaged pack stays until a prune finds that nothing needs it. So it can be killed at any instant and run again, and
/// backups, restores and prunes may run beside it.
package struct Repairer: Sendable {
    package let repository: Repository
    package let index: any DedupIndex
    /// Folder of this proxy's run leases.
    package let leases: String
    /// Bytes of a pack.
    package let packSize: Int
    /// Whether packs are to have parity: those that lack it get it.
    package let hasParity: Bool
    /// File that remembers what was checked; nil to remember nothing.
    package let memory: String?
    package let progress: ProgressSink

    package init(
        repository: Repository, index: any DedupIndex, leases: String, packSize: Int, hasParity: Bool,
        memory: String? = nil, progress: @escaping ProgressSink
    ) {
        self.repository = repository
        self.index = index
        self.leases = leases
        self.packSize = packSize
        self.hasParity = hasParity
        self.memory = memory
        self.progress = progress
    }

    /// - Parameter isDryRun: finds out everything and changes nothing.
    /// - Throws: what keeps the repair from being done; `.locked` without the keys of an encrypted repository.
    package func repair(isDryRun: Bool) async throws(EngineError) -> RepairReport {
        try await onBlockingThreads { try await run(isDryRun) }
    }

    private func run(_ isDryRun: Bool) async throws -> RepairReport {
        _ = try repository.identity
        let lease = try RunLease(in: leases, tag: repository.tag)
        defer { withExtendedLifetime(lease) {} }
        guard isDryRun else {
            let session = try await Session.begin(.repair, on: repository.target, run: lease)
            return try await session.whileLeased { try await RepairWork(self, session).run() }
        }
        let session = try await Session.beginReading(.check, on: repository.target, run: lease)
        guard let session else { return try await RepairWork(self, nil).run() }
        return try await session.whileLeased { try await RepairWork(self, nil).run() }
    }
}
