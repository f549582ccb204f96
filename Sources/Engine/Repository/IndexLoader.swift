/// Fills a dedup index from a repository: from its index runs, and from the tables of packs that no run lists.
///
/// A pack without a run is what an interrupted backup leaves; a run that cannot be read is made good the same way.
package struct IndexLoader: Sendable {
    let repository: Repository

    package init(_ repository: Repository) { self.repository = repository }

    package struct Result: Sendable {
        /// Blobs of packs that no readable run lists.
        package let unlisted: [BlobEntry]
        /// What could not be read, in words.
        package let warnings: [String]
    }

    /// - Parameter avoided: copies that new backups shall not rely on.
    package func load(
        into index: any DedupIndex, avoiding avoided: AvoidedCopies = AvoidedCopies()
    ) async throws(EngineError) -> Result {
        index.avoid(avoided)
        var known: Set<PackID> = []
        var warnings: [String] = []
        for object in try await repository.target.list(prefix: ObjectLayout.index) {
            do {
                let run = try await read(object)
                known.formUnion(Set(run.entries.map(\.location.pack)))
                try index.add(run)
            } catch  where error.kind == .corrupt || error.kind == .notFound {
                warnings.append("\(error); what it lists is read from the packs instead")
            }
        }
        var unlisted: [BlobEntry] = []
        for object in try await repository.target.list(prefix: ObjectLayout.packs) {
            guard let pack = ObjectLayout.parsePack(object.key), !known.contains(pack.id) else { continue }
            do {
                let table = try await PackTable.fetch(
                    pack.id, pack.kind, size: object.size, from: repository.target)
                unlisted += table.entries.map { BlobEntry(id: $0.id, location: $0.location(in: pack.id, pack.kind)) }
            } catch  where error.kind == .corrupt || error.kind == .notFound {
                warnings.append("\(error); its content is not used")
            }
        }
        index.record(unlisted)
        return Result(unlisted: unlisted, warnings: warnings)
    }

    /// Reads one index run.
    func read(_ object: ListedObject) async throws(EngineError) -> IndexRun {
        let bytes = try await repository.target.get(object.key, limit: RepositoryFormat.indexLimit)
        return try bytes.withBytes { span throws(EngineError) in
            try IndexRun(name: object.key.lastPart, parsing: span)
        }
    }
}
