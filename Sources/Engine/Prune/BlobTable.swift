/// Every copy of every blob of a repository, sorted by id, with a number for each row.
final class BlobTable: Sendable {
    struct Pack: Sendable {
        let id: PackID
        let kind: PackKind
    }

    let packs: [Pack]
    private let entries: [BlobEntry]
    private let numbers: [UInt32]

    init(_ entries: [BlobEntry]) {
        var numbers: [PackID: UInt32] = [:]
        var packs: [Pack] = []
        var unique: [BlobEntry] = []
        let sorted = entries.sorted { ($0.id, $0.location.pack) < ($1.id, $1.location.pack) }
        for entry in sorted {
            if let last = unique.last, last.id == entry.id, last.location.pack == entry.location.pack { continue }
            unique.append(entry)
            guard numbers[entry.location.pack] == nil else { continue }
            numbers[entry.location.pack] = UInt32(packs.count)
            packs.append(Pack(id: entry.location.pack, kind: entry.location.kind))
        }
        self.entries = unique
        self.packs = packs
        self.numbers = unique.map { numbers[$0.location.pack] ?? 0 }
    }

    /// Reads the index runs of a repository, and adds blobs that none of them lists.
    static func make(of repository: Repository, unlisted: [BlobEntry]) async throws(EngineError) -> BlobTable {
        var entries = unlisted
        for object in try await repository.target.list(prefix: ObjectLayout.index) {
            do {
                entries += try await IndexLoader(repository).read(object).entries
            } catch  where error.kind == .corrupt || error.kind == .notFound {
                continue
            }
        }
        return BlobTable(entries)
    }

    var count: Int { entries.count }

    func entry(at row: Int) -> BlobEntry { entries[row] }
    func packNumber(at row: Int) -> Int { Int(numbers[row]) }
    func pack(at row: Int) -> Pack { packs[packNumber(at: row)] }

    /// The rows of all copies of a blob.
    func rows(of id: Digest) -> Range<Int> {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].id < id { low = middle + 1 } else { high = middle }
        }
        var end = low
        while end < entries.count, entries[end].id == id { end += 1 }
        return low..<end
    }
}
