/// Marks everything that restore points and live sessions need. Subtrees met before are not walked again, however many
/// restore points share them.
struct MarkWalk: Sendable {
    let repository: Repository
    let marks: LiveMarks
    let blobs: BlobReader
    let trees: TreeReader
    let lanes: Int

    init(repository: Repository, marks: LiveMarks, index: any DedupIndex, lanes: Int) {
        self.repository = repository
        self.marks = marks
        self.lanes = lanes
        blobs = BlobReader(repository, index: index)
        trees = TreeReader(blobs: blobs)
    }

    /// Marks what the restore points need, several at once.
    /// - Throws: `.corrupt` when a manifest or a node cannot be read: then nobody can tell garbage from data.
    func mark(_ points: [StoredPoint]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var waiting = points.makeIterator()
            func start() {
                guard let point = waiting.next() else { return }
                group.addTask { try await mark(point) }
            }
            for _ in 0..<lanes { start() }
            while try await group.next() != nil {
                try Task.checkCancellation()
                start()
            }
        }
    }

    private func mark(_ point: StoredPoint) async throws(EngineError) {
        do {
            for root in try await repository.roots(of: point) { try await mark(root) }
        } catch  where error.kind == .notFound {
            // Deleted since it was listed; a node that is missing is `.corrupt`.
            guard try await repository.target.size(of: point.key) != nil else { return }
            throw refusal(error, point)
        } catch  where error.kind == .corrupt || error.kind == .unsupported {
            throw refusal(error, point)
        }
    }

    private func refusal(_ error: EngineError, _ point: StoredPoint) -> EngineError {
        EngineError(
            error.kind,
            "\(error); so it is unknown what restore point \(point.id) needs, and nothing was condemned. Run "
                + "`ahvault repository repair`, or delete this restore point")
    }

    func mark(_ root: SessionRecord.Root) async throws(EngineError) {
        guard let level = root.level else {
            _ = marks.mark(root.id)
            return
        }
        try await mark(root.id, level: level)
    }

    private func mark(_ id: Digest, level: Int) async throws(EngineError) {
        guard marks.mark(id) else { return }
        switch try await trees.node(id, level: level) {
        case .leaf(let extents): for extent in extents { _ = marks.mark(extent.chunk) }
        case .inner(_, let children): for child in children { try await mark(child.node.id, level: level - 1) }
        }
    }
}
