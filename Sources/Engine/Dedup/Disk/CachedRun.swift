/// A run in the cache folder, ready for look-ups: its filter in memory, its entries in the file.
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

    /// The entries of the blob, one for each copy; nil when the file is damaged at that place.
    ///
    /// The bytes come by a read and not by the mapping: a block is small and checked as a whole, and the pages of a large
    /// file do not gather in the memory of this process.
    func records(of id: Digest) -> [RunRecord]? {
        var found: [RunRecord] = []
        var rows = run.directory.rows(around: id, of: run.count)
        while !rows.isEmpty {
            var isOpen = false
            guard run.readChecked(rows, { isOpen = Self.collect(id, from: $0, into: &found) }) else { return nil }
            guard isOpen else { break }
            rows = rows.upperBound..<min(rows.upperBound + RunDirectory.blockRows, run.count)
        }
        return found
    }

    /// Appends the entries of `id`; tells whether more may follow behind these bytes.
    private static func collect(_ id: Digest, from bytes: RawSpan, into found: inout [RunRecord]) -> Bool {
        let count = bytes.byteCount / IndexRun.entryCount
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if Digest(bytes, at: middle * IndexRun.entryCount) < id { low = middle + 1 } else { high = middle }
        }
        while low < count {
            let record = RunRecord(bytes, at: low * IndexRun.entryCount)
            guard record.id == id else { return false }
            found.append(record)
            low += 1
        }
        return true
    }
}
