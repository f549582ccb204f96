/// Entries in memory, every copy of each blob; about 110 bytes for each.
struct EntryTable {
    private var first: [Digest: BlobLocation] = [:]
    /// Copies beyond the first; few blobs have any.
    private var others: [Digest: [BlobLocation]] = [:]

    /// Distinct blobs.
    var count: Int { first.count }

    /// All of them, ascending by id.
    var sorted: [BlobEntry] {
        var entries = first.map { BlobEntry(id: $0.key, location: $0.value) }
        for (id, locations) in others { entries += locations.map { BlobEntry(id: id, location: $0) } }
        return entries.sorted { $0.id < $1.id }
    }

    func contains(_ id: Digest) -> Bool { first[id] != nil }

    func copies(of id: Digest) -> [BlobLocation] {
        first[id].map { [$0] + (others[id] ?? []) } ?? []
    }

    /// Any copy, one that need not be avoided if there is one.
    func location(of id: Digest, avoiding avoided: AvoidedCopies) -> BlobLocation? {
        wanted(id, avoiding: avoided) ?? first[id]
    }

    /// A copy that need not be avoided.
    func wanted(_ id: Digest, avoiding avoided: AvoidedCopies) -> BlobLocation? {
        guard let location = first[id] else { return nil }
        guard !avoided.isEmpty, avoided.contains(id, in: location.pack) else { return location }
        return others[id]?.first { !avoided.contains(id, in: $0.pack) }
    }

    mutating func insert(_ entry: BlobEntry) {
        let pack = entry.location.pack
        guard let known = first[entry.id], known.pack != pack else {
            first[entry.id] = entry.location
            return
        }
        let isKnown = others[entry.id]?.contains { $0.pack == pack } ?? false
        if !isKnown { others[entry.id, default: []].append(entry.location) }
    }
}
