/// Walks over everything that restore points and live sessions need, from their roots down. Where `visit` says so, what
/// lies below is left out: subtrees met before are not walked again, however many restore points share them.
struct MarkWalk: Sendable {
    let repository: Repository
    let trees: TreeReader
    let lanes: Int
    /// Is told of each blob that is met; true when the blobs below it are to be met too.
    let visit: @Sendable (Digest) -> Bool

    init(repository: Repository, index: any DedupIndex, lanes: Int, visit: @escaping @Sendable (Digest) -> Bool) {
        self.repository = repository
        self.lanes = lanes
        self.visit = visit
        trees = TreeReader(blobs: BlobReader(repository, index: index))
    }

    /// Walks from restore points, several at once.
    /// - Returns: those that are there still, with what they need.
    /// - Throws: `.corrupt` when a manifest or a node cannot be read: then nobody can tell garbage from data.
    @discardableResult
    func walk(_ points: [StoredPoint]) async throws -> [CountedPoint] {
        try await together(points) { point in
            try await walk(point).map { CountedPoint(id: point.id, size: point.size, roots: $0) }
        }.compactMap(\.self)
    }

    /// Walks from roots, several at once.
    func walk(_ roots: [SessionRecord.Root]) async throws {
        _ = try await together(roots) { try await walk($0) }
    }

    private func together<Item: Sendable, Result: Sendable>(
        _ items: [Item], _ body: @escaping @Sendable (Item) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: Result.self) { group in
            var waiting = items.makeIterator()
            var results: [Result] = []
            func start() {
                guard let item = waiting.next() else { return }
                group.addTask { try await body(item) }
            }
            for _ in 0..<lanes { start() }
            while let result = try await group.next() {
                results.append(result)
                try Task.checkCancellation()
                start()
            }
            return results
        }
    }

    /// - Returns: what it needs; nil when it was deleted since it was listed.
    private func walk(_ point: StoredPoint) async throws(EngineError) -> [SessionRecord.Root]? {
        do {
            let roots = try await repository.roots(of: point)
            for root in roots { try await walk(root) }
            return roots
        } catch  where error.kind == .notFound {
            // A node that is missing is `.corrupt`.
            guard try await repository.target.size(of: point.key) != nil else { return nil }
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

    private func walk(_ root: SessionRecord.Root) async throws(EngineError) {
        guard let level = root.level else {
            _ = visit(root.id)
            return
        }
        try await walk(root.id, level: level)
    }

    private func walk(_ id: Digest, level: Int) async throws(EngineError) {
        guard visit(id) else { return }
        switch try await trees.node(id, level: level) {
        case .leaf(let extents): for extent in extents { _ = visit(extent.chunk) }
        case .inner(_, let children): for child in children { try await walk(child.node.id, level: level - 1) }
        }
    }
}
