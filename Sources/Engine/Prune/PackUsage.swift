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

    init(_ marks: LiveMarks) {
        let table = marks.table
        var packs = table.packs.map { Pack(id: $0.id, kind: $0.kind) }
        for row in 0..<table.count { packs[table.packNumber(at: row)].total += Self.bytes(table.entry(at: row)) }
        marks.forEachLiveRow { row in packs[table.packNumber(at: row)].live += Self.bytes(table.entry(at: row)) }
        self.packs = packs
    }

    private static func bytes(_ entry: BlobEntry) -> Int { entry.location.fetchCount + PackLayout.entryCount }

    /// Packs that something needs.
    var live: Set<PackID> { Set(packs.lazy.filter { $0.live > 0 }.map(\.id)) }
}
