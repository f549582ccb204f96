/// Counts what restore points refer to, going on from what the prune before has counted: only restore points that came
/// or went since are looked at, and of their trees only what others do not share.
///
/// Objects never change under their names, so counts stay right whatever other proxies do meanwhile. They are not
/// believed, and everything is counted from nothing, when their file is absent or damaged, when something of a restore
/// point that went is gone already, when more is taken away than there was, and once a week in any case.
struct ReferenceCount: Sendable {
    let repository: Repository
    let index: any DedupIndex
    let file: ReferenceFile
    let lanes: Int

    /// Milliseconds.
    private static let validity: Int64 = 7 * 86_400_000

    struct Result: Sendable {
        let references: BlobReferences
        /// What the next prune may go on from; nil when it has that already, or must not.
        let head: ReferenceHead?
    }

    /// - Throws: `.corrupt` when a restore point cannot be read; what the target throws.
    func run(_ points: [StoredPoint], in table: MappedRun, now: Timestamp) async throws -> Result {
        let references = BlobReferences(table)
        if let head = file.load(into: references), Self.isValid(head, now),
            let result = try await goOn(from: head, to: points, references)
        {
            return result
        }
        references.reset()
        let counted = try await add(points, to: references)
        let isWhole = counted.count == points.count
        let head = ReferenceHead(repository: repository.id, counted: now, points: counted)
        return Result(references: references, head: isWhole ? head : nil)
    }

    private static func isValid(_ head: ReferenceHead, _ now: Timestamp) -> Bool {
        (0..<validity).contains(now.milliseconds - head.counted.milliseconds)
    }

    /// Nil when everything has to be counted from nothing.
    private func goOn(
        from head: ReferenceHead, to points: [StoredPoint], _ references: BlobReferences
    ) async throws -> Result? {
        let sizes = Dictionary(points.map { ($0.id, $0.size) }, uniquingKeysWith: { first, _ in first })
        let known = Set(head.points.map(\.id))
        let gone = head.points.filter { sizes[$0.id] != $0.size }
        let new = points.filter { !known.contains($0.id) }
        guard gone.allSatisfy({ sizes[$0.id] == nil }) else { return nil }
        guard !gone.isEmpty || !new.isEmpty else { return Result(references: references, head: nil) }
        do {
            let added = try await add(new, to: references)
            let walk = MarkWalk(repository: repository, index: index, lanes: lanes) { references.remove($0) }
            try await walk.walk(gone.flatMap(\.roots))
            guard references.isConsistent else { return nil }
            // What was counted of a restore point that vanished in between cannot be told from the rest any more.
            guard added.count == new.count else { return nil }
            let left = head.points.filter { sizes[$0.id] != nil }
            return Result(
                references: references,
                head: ReferenceHead(repository: repository.id, counted: head.counted, points: left + added))
        } catch let error as EngineError where [.corrupt, .notFound, .unsupported].contains(error.kind) {
            return nil
        }
    }

    private func add(_ points: [StoredPoint], to references: BlobReferences) async throws -> [CountedPoint] {
        try await MarkWalk(repository: repository, index: index, lanes: lanes) { references.add($0) }.walk(points)
    }
}
