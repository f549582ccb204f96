/// A run in the cache folder, ready for look-ups: its filter in memory, its entries mapped.
final class CachedRun: Sendable {
    /// Its files' name, without what tells them apart.
    let name: String
    let run: MappedRun
    let filter: BlockedFilter
    let packs: Set<PackID>

    init(name: String, run: MappedRun, filter: BlockedFilter) {
        self.name = name
        self.run = run
        self.filter = filter
        packs = Set(run.packs.map(\.id))
    }

    /// Rows of the blob, one for each copy; nil when the file is damaged at that place.
    func rows(of id: Digest) -> Range<Int>? {
        let around = run.directory.rows(around: id, of: run.count)
        guard run.isIntact(around) else { return nil }
        let rows = run.rows(of: id)
        guard rows.isEmpty || run.isIntact(rows) else { return nil }
        return rows
    }
}
