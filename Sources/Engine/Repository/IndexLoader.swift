/// Fills a dedup index from a repository: from its index runs, and from the tables of packs that no run lists.
///
/// A pack without a run is what an interrupted backup leaves; a run that cannot be read is made good the same way. Runs
/// that are merged by another process meanwhile do no harm: the merged one is found by listing again.
package struct IndexLoader: Sendable {
    let repository: Repository

    /// Tables fetched before their entries are handed on.
    private static let packsAtOnce = 256
    /// Times that runs are listed again when some are gone.
    private static let attempts = 5

    package init(_ repository: Repository) { self.repository = repository }

    /// What becomes of the blobs of packs that no run lists, besides that the index knows them.
    package enum Unlisted: Sendable {
        /// Nothing.
        case forget
        /// They are returned, all of them.
        case keep
        /// They are listed in new index runs; what does not fill one is returned, for the caller's own.
        case list
    }

    package struct Result: Sendable {
        /// Blobs of packs that no readable run lists.
        package internal(set) var unlisted: [BlobEntry] = []
        /// What could not be read, in words.
        package internal(set) var warnings: [String] = []
        /// What the index was told to avoid: what the caller said, and packs that are gone.
        package internal(set) var avoided = AvoidedCopies()
    }

    /// - Parameter avoided: copies that new backups shall not rely on. Those of packs that are gone are added.
    /// - Throws: what the target throws; damage is no error but a warning.
    package func load(
        into index: any DedupIndex, avoiding avoided: AvoidedCopies = AvoidedCopies(), unlisted: Unlisted = .forget
    ) async throws(EngineError) -> Result {
        index.avoid(avoided)
        let taken = try await takeRuns(into: index)
        var result = Result(avoided: avoided)
        for (_, error) in taken.failures.sorted(by: { $0.key < $1.key }) where error.kind != .notFound {
            result.warnings.append("\(error); what it lists is read from the packs instead")
        }
        // After the runs: a pack that is listed but not there now was deleted, and not just put.
        let packs = try await repository.target.list(prefix: ObjectLayout.packs).compactMap(Pack.init)
        let missing = taken.packs.subtracting(packs.map(\.id))
        if !missing.isEmpty {
            result.avoided.packs.formUnion(missing)
            index.avoid(result.avoided)
        }
        let rest = packs.filter { !taken.packs.contains($0.id) }
        for start in stride(from: 0, to: rest.count, by: Self.packsAtOnce) {
            let some = Array(rest[start..<min(start + Self.packsAtOnce, rest.count)])
            try await readTables(of: some, into: index, unlisted, &result)
        }
        return result
    }

    /// Takes in runs that other processes have put since the index was filled.
    package func refresh(_ index: any DedupIndex) async throws(EngineError) { _ = try await takeRuns(into: index) }

    private func takeRuns(into index: any DedupIndex) async throws(EngineError) -> TakenRuns {
        var attempt = 1
        while true {
            let taken = try await index.take(try await StoredRuns.list(repository))
            let isGone = taken.failures.values.contains { $0.kind == .notFound }
            guard isGone, attempt < Self.attempts else { return taken }
            attempt += 1
        }
    }

    /// A pack at the target.
    private struct Pack: Sendable {
        let id: PackID
        let kind: PackKind
        let size: Int

        init?(_ object: ListedObject) {
            guard let (id, kind) = ObjectLayout.parsePack(object.key) else { return nil }
            (self.id, self.kind, size) = (id, kind, object.size)
        }
    }

    private func readTables(
        of packs: [Pack], into index: any DedupIndex, _ unlisted: Unlisted, _ result: inout Result
    ) async throws(EngineError) {
        let target = repository.target
        let tables = try await target.together(packs) { pack -> Swift.Result<[BlobEntry], EngineError> in
            do throws(EngineError) {
                let table = try await PackTable.fetch(pack.id, pack.kind, size: pack.size, from: target)
                return .success(
                    table.entries.map { BlobEntry(id: $0.id, location: $0.location(in: pack.id, pack.kind)) })
            } catch {
                guard error.isOfOneRun else { throw error }
                return .failure(error)
            }
        }
        for table in tables {
            switch table {
            case .success(let entries):
                index.record(entries)
                if unlisted != .forget { result.unlisted += entries }
            case .failure(let error) where error.kind == .notFound: continue
            case .failure(let error): result.warnings.append("\(error); its content is not used")
            }
        }
        guard unlisted == .list, result.unlisted.count >= StorageLedger.entriesPerRun else { return }
        try await IndexRun.put(result.unlisted, at: target)
        result.unlisted = []
    }

    /// Reads one index run.
    func read(_ object: ListedObject) async throws(EngineError) -> IndexRun {
        let bytes = try await repository.target.get(object.key, limit: RepositoryFormat.indexLimit)
        return try bytes.withBytes { span throws(EngineError) in
            try IndexRun(name: object.key.lastPart, parsing: span)
        }
    }
}
