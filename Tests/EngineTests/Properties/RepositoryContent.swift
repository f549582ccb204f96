@testable import Engine

/// What a repository holds and what its restore points need, found by reading tables and trees, without an index run and
/// without anything of prune.
struct RepositoryContent {
    private let test: TestRepository
    /// Packs with their rows.
    private var packs: [PackID: [PackEntry]] = [:]
    private var needed: Set<Digest> = []

    init(_ test: TestRepository) async throws {
        self.test = test
        let index = try test.index()
        for key in test.keys(ObjectLayout.packs) {
            guard let (id, kind) = ObjectLayout.parsePack(key), let bytes = test.store[key] else { continue }
            let table = try PackTable(whole: bytes.span.bytes, id: id, kind: kind)
            packs[id] = table.entries
            index.record(table.entries.map { BlobEntry(id: $0.id, location: $0.location(in: id, kind)) })
        }
        let repository = try await test.repository()
        let blobs = BlobReader(repository, index: index)
        let trees = TreeReader(blobs: blobs)
        for point in try await repository.restorePoints() {
            for root in try await repository.manifest(point).roots { try await need(root, trees) }
        }
    }

    private mutating func need(_ root: SessionRecord.Root, _ trees: TreeReader) async throws {
        guard needed.insert(root.id).inserted, let level = root.level else { return }
        switch try await trees.node(root.id, level: level) {
        case .leaf(let extents): needed.formUnion(extents.map(\.chunk))
        case .inner(_, let children):
            for child in children {
                try await need(SessionRecord.Root(id: child.node.id, level: level - 1), trees)
            }
        }
    }

    /// After a prune with nobody else at work: no pack wastes more than was allowed, and nothing else is left behind.
    /// - Throws: a `Difference`.
    func checkPruned(waste: Double) throws {
        var seen: Set<Digest> = []
        for (pack, entries) in packs.sorted(by: { $0.key < $1.key }) {
            var (live, total) = (0, 0)
            for entry in entries {
                let bytes = PackLayout.blobHeaderCount + Int(entry.storedCount) + PackLayout.entryCount
                total += bytes
                if needed.contains(entry.id), seen.insert(entry.id).inserted { live += bytes }
            }
            guard live > 0, Double(total - live) <= waste * Double(total) else {
                throw HistoryModel.Difference(description: "pack \(pack): \(live) of \(total) bytes are in use")
            }
        }
        for id in needed where !seen.contains(id) {
            throw HistoryModel.Difference(description: "\(id) is needed and gone")
        }
        try checkLeftovers()
    }

    private func checkLeftovers() throws {
        let left = [ObjectLayout.sessions, ObjectLayout.condemnations].flatMap(test.keys)
        let parity = test.keys(ObjectLayout.parity).filter { key in
            ObjectLayout.parseParity(key).map { packs[$0] == nil } ?? true
        }
        guard left.isEmpty, parity.isEmpty else {
            throw HistoryModel.Difference(description: "left behind: \(left + parity)")
        }
        for key in test.keys(ObjectLayout.index) {
            let bytes = test.store[key] ?? []
            let run = try IndexRun(name: key.lastPart, parsing: bytes.span.bytes)
            for entry in run.entries where packs[entry.location.pack] == nil {
                throw HistoryModel.Difference(description: "\(key) lists pack \(entry.location.pack), which is gone")
            }
        }
    }
}
