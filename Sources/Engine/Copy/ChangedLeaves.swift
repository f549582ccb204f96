/// The leaves of a disk that are not as in an earlier restore point, or all of them without one.
struct ChangedLeaves: Sendable {
    let disk: Manifest.Disk
    let trees: TreeReader
    let source: CopySide
    let base: BaseTree?
    let damages: CopyDamages

    /// A leaf as it is now; without a node it is zero.
    struct Leaf: Sendable {
        let number: UInt64
        let node: NodeReference?
    }

    typealias Body = (Leaf) async throws(EngineError) -> Void

    /// Nodes that are read ahead, of each of the two trees; they fit into the reader's cache.
    private static let ahead = 16

    /// Calls `body` for one leaf after the other, in ascending order.
    /// - Parameter settled: gets the bytes of subtrees that are as before.
    /// - Throws: `.corrupt` when a node is damaged or missing; what `body` throws.
    func forEach(settled: (UInt64) -> Void, _ body: Body) async throws(EngineError) {
        try await visit(disk.root, base?.before, level: disk.shape.height - 1, number: 0, settled, body)
    }

    private func visit(
        _ new: NodeReference?, _ old: NodeReference?, level: Int, number: UInt64, _ settled: (UInt64) -> Void,
        _ body: Body
    ) async throws(EngineError) {
        if Task.isCancelled { throw EngineError(.cancelled, "cancelled") }
        guard new?.id != old?.id else { return settled(new?.usedBytes ?? 0) }
        guard level > 0 else { return try await body(Leaf(number: number, node: new)) }
        let mine = try await children(new, level: level, number: number)
        let theirs = try await oldChildren(old, level: level)
        let changed = Set(mine.keys).union(theirs.keys).sorted().filter { mine[$0]?.id != theirs[$0]?.id }
        for node in mine where mine[node.key]?.id == theirs[node.key]?.id { settled(node.value.usedBytes) }
        for start in stride(from: 0, to: changed.count, by: Self.ahead) {
            let slice = changed[start..<min(start + Self.ahead, changed.count)]
            if level > 1 { await readAhead(slice.compactMap { mine[$0] }, slice.compactMap { theirs[$0] }, level - 1) }
            for index in slice {
                let below = number * UInt64(RepositoryFormat.fanOut) + UInt64(index)
                try await visit(mine[index], theirs[index], level: level - 1, number: below, settled, body)
            }
        }
    }

    private func children(
        _ node: NodeReference?, level: Int, number: UInt64
    ) async throws(EngineError) -> [Int: NodeReference] {
        guard let node else { return [:] }
        do throws(EngineError) {
            let span = TreeShape.span(ofLevel: level - 1)
            var found: [Int: NodeReference] = [:]
            guard case .inner(_, let children) = try await trees.node(node.id, level: level) else { return [:] }
            for child in children {
                let below = number * UInt64(RepositoryFormat.fanOut) + UInt64(child.index)
                guard below * span < disk.size else {
                    throw EngineError(.corrupt, "tree node \(child.node.id) lies outside the disk \(disk.address)")
                }
                found[child.index] = child.node
            }
            return found
        } catch {
            guard error.isDamage else { throw error.at("repository \(source.name)") }
            let span = TreeShape.span(ofLevel: level)
            let range = ByteRange(min(number * span, disk.size), min((number + 1) * span, disk.size))
            damages.add(error, at: source.index.location(of: node.id), disk: disk.address, range)
            try damages.check()
            throw error
        }
    }

    private func oldChildren(_ node: NodeReference?, level: Int) async throws(EngineError) -> [Int: NodeReference] {
        guard let node, let base, case .inner(_, let children) = try await base.node(node.id, level: level) else {
            return [:]
        }
        return Dictionary(children.map { ($0.index, $0.node) }, uniquingKeysWith: { first, _ in first })
    }

    /// What fails here fails again, with its place, when it is looked at.
    private func readAhead(_ new: [NodeReference], _ old: [NodeReference], _ level: Int) async {
        _ = try? await source.target.together(new) { _ = try? await trees.node($0.id, level: level) }
        guard let base else { return }
        _ = try? await source.target.together(old) { _ = try? await base.node($0.id, level: level) }
    }
}
