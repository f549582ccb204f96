import Synchronization

/// What one run has made durable: tells the index, and lists it in index runs.
final class StorageLedger: Sendable {
    /// So many entries are written as an index run of their own in the middle of a long backup.
    static let entriesPerRun = 1 << 17

    private let target: any Target
    private let index: any DedupIndex
    private let unlisted: Mutex<[BlobEntry]>
    private let totalsState = Mutex(StorageTotals())
    private let written = Mutex<Set<String>>([])

    /// - Parameter unlisted: blobs of packs that no index run lists yet, left by an interrupted run.
    init(target: any Target, index: any DedupIndex, unlisted: [BlobEntry]) {
        self.target = target
        self.index = index
        self.unlisted = Mutex(unlisted)
    }

    var totals: StorageTotals { totalsState.withLock { $0 } }

    /// Names of the index runs written so far. What they list, the index knows already.
    var runNames: Set<String> { written.withLock { $0 } }

    /// A pack of `size` bytes is durable.
    func stored(_ entries: [BlobEntry], _ size: Int, _ kind: PackKind) async throws(EngineError) {
        index.record(entries)
        unlisted.withLock { $0.append(contentsOf: entries) }
        totalsState.withLock { totals in
            totals.packs += 1
            switch kind {
            case .data: totals.dataBytes += size
            case .metadata: totals.metadataBytes += size
            }
        }
        try await writeRun(ifMoreThan: Self.entriesPerRun)
    }

    /// Writes an index run if more than `limit` entries wait for one.
    func writeRun(ifMoreThan limit: Int) async throws(EngineError) {
        let entries: [BlobEntry] = unlisted.withLock { unlisted in
            guard unlisted.count > limit else { return [] }
            defer { unlisted = [] }
            return unlisted
        }
        guard !entries.isEmpty else { return }
        let run: StoredRuns.Run
        do {
            run = try await IndexRun.put(entries, at: target)
        } catch {
            unlisted.withLock { $0.append(contentsOf: entries) }
            throw error
        }
        _ = written.withLock { $0.insert(run.name) }
        totalsState.withLock { $0.indexBytes += run.size }
    }
}

/// How much a run stored: whole objects, with headers and tables.
package struct StorageTotals: Sendable, Codable, Equatable {
    package var dataBytes = 0
    package var metadataBytes = 0
    package var indexBytes = 0
    package var packs = 0
}
