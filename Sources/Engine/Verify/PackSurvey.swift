/// What packs there are, against what the index runs say there should be.
struct PackSurvey {
    let repository: Repository
    let index: any DedupIndex

    struct Pack: Sendable {
        let id: PackID
        let kind: PackKind
        /// Bytes.
        let size: Int
        /// What the index runs, or its own table, say is in it; in order of offsets.
        let entries: [BlobEntry]
    }

    /// Fills the index and finds damaged runs, missing packs and packs of a wrong size.
    func run(_ damages: inout DamageList) async throws(EngineError) -> [Pack] {
        var entries = try await readRuns(&damages)
        var packs: [Pack] = []
        for object in try await repository.target.list(prefix: ObjectLayout.packs) {
            guard let (id, kind) = ObjectLayout.parsePack(object.key) else {
                damages.add(object.key, "it is no pack", hits: [])
                continue
            }
            let listed = entries.removeValue(forKey: id)
            let pack = try await survey(id, kind, object, listed, &damages)
            packs.append(pack)
        }
        for (id, missing) in entries.sorted(by: { $0.key < $1.key }) {
            guard let kind = missing.first?.location.kind else { continue }
            let pack = Pack(id: id, kind: kind, size: 0, entries: missing)
            damages.add(
                pack, PackCheck.Finding(reason: "it is missing", lost: missing.map(\.id)), index: index)
        }
        return packs
    }

    private func readRuns(_ damages: inout DamageList) async throws(EngineError) -> [PackID: [BlobEntry]] {
        var entries: [PackID: [BlobEntry]] = [:]
        for object in try await repository.target.list(prefix: ObjectLayout.index) {
            do {
                let run = try await IndexLoader(repository).read(object)
                try index.add(run)
                let packs = Dictionary(grouping: run.entries, by: \.location.pack)
                for (pack, found) in packs where entries[pack] == nil { entries[pack] = found }
            } catch  where error.kind == .corrupt || error.kind == .unsupported {
                damages.add(
                    object.key, "\(error.message); what it lists is read from the packs, nothing is lost", hits: [])
            }
        }
        return entries
    }

    private func survey(
        _ id: PackID, _ kind: PackKind, _ object: ListedObject, _ listed: [BlobEntry]?, _ damages: inout DamageList
    ) async throws(EngineError) -> Pack {
        guard let listed else { return try await surveyUnlisted(id, kind, object, &damages) }
        let sorted = listed.sorted { $0.location.offset < $1.location.offset }
        let pack = Pack(id: id, kind: kind, size: object.size, entries: sorted)
        let expected =
            PackLayout.headerCount + PackLayout.footerCount
            + sorted.reduce(0) { $0 + $1.location.fetchCount + PackLayout.entryCount }
        if object.size != expected {
            let lost = sorted.filter { $0.location.fetchRange.upperBound > object.size }.map(\.id)
            let reason = "it has \(object.size) bytes instead of \(expected)"
            damages.add(pack, PackCheck.Finding(reason: reason, lost: lost), index: index)
        }
        return pack
    }

    private func surveyUnlisted(
        _ id: PackID, _ kind: PackKind, _ object: ListedObject, _ damages: inout DamageList
    ) async throws(EngineError) -> Pack {
        do {
            let table = try await PackTable.fetch(id, kind, size: object.size, from: repository.target)
            let entries = table.entries.map { BlobEntry(id: $0.id, location: $0.location(in: id, kind)) }
            index.record(entries)
            return Pack(id: id, kind: kind, size: object.size, entries: entries)
        } catch  where error.kind == .corrupt {
            damages.add(object.key, "\(error.message); no index run lists what it holds", hits: [])
            return Pack(id: id, kind: kind, size: object.size, entries: [])
        }
    }
}
