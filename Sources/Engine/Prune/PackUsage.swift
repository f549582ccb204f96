/// How much of each pack is in use, by the numbers of the table of all blobs.
struct PackUsage: Sendable {
    struct Pack: Sendable {
        let id: PackID
        let kind: PackKind
        /// Bytes of blobs in use with their headers and table rows, and of all blobs.
        var live = 0
        var total = 0

        var waste: Double { total == 0 ? 0 : Double(total - live) / Double(total) }
    }

    private(set) var packs: [Pack]

    /// - Throws: `.corrupt` when the table was cut short.
    init(_ marks: LiveMarks) throws(EngineError) {
        let table = marks.table
        var packs = table.packs.map { Pack(id: $0.id, kind: $0.kind) }
        let isLive = marks.snapshot
        try table.forEach { row, entry, number in
            let bytes = entry.location.fetchCount + PackLayout.entryCount
            packs[number].total += bytes
            if isLive(row) { packs[number].live += bytes }
        }
        self.packs = packs
    }

    /// Packs that something needs.
    var live: Set<PackID> { Set(packs.lazy.filter { $0.live > 0 }.map(\.id)) }
}
