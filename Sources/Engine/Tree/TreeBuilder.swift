import Synchronization

/// Builds a disk's tree bottom-up while its leaves finish in any order, on top of an earlier tree if there is one.
///
/// Only nodes above a changed leaf are written; all others keep their ids. Leaves are announced in ascending order by
/// `expect`; the node above 256 of them is written as soon as the last of them has finished, so that memory stays small.
final class TreeBuilder: Sendable {
    /// One level-1 node: the 256 leaves below it.
    private struct Group {
        var expected = 0
        var isClosed = false
        var changed: [Int: NodeReference?] = [:]
    }

    private struct State {
        var groups: [UInt64: Group] = [:]
        var current: UInt64?
        /// Finished level-1 nodes, by number; nil is zero.
        var finished: [UInt64: NodeReference?] = [:]
    }

    private let shape: TreeShape
    private let parent: NodeReference?
    private let reader: TreeReader
    private let writer: NodeWriter
    private let state = Mutex(State())

    /// - Parameter parent: the root of the tree that the disk had before, of the same shape; nil to start from zero.
    init(shape: TreeShape, parent: NodeReference?, reader: TreeReader, writer: NodeWriter) {
        self.shape = shape
        self.parent = parent
        self.reader = reader
        self.writer = writer
    }

    /// Announces that `leaf` will be finished; leaves come in ascending order.
    func expect(_ leaf: UInt64) {
        let group = leaf / UInt64(RepositoryFormat.fanOut)
        state.withLock { state in
            if let current = state.current, current != group { state.groups[current]?.isClosed = true }
            state.current = group
            state.groups[group, default: Group()].expected += 1
        }
    }

    /// Takes in a finished leaf; nil when it is all zero.
    func finish(_ leaf: UInt64, _ node: NodeReference?) async throws(EngineError) {
        let group = leaf / UInt64(RepositoryFormat.fanOut)
        let complete: Group? = state.withLock { state in
            state.groups[group]?.changed[Int(leaf % UInt64(RepositoryFormat.fanOut))] = .some(node)
            guard let entry = state.groups[group], entry.isClosed, entry.changed.count == entry.expected else {
                return nil
            }
            state.groups[group] = nil
            return entry
        }
        if let complete { try await write(complete, number: group) }
    }

    /// Writes what is left up to the root, after the last leaf.
    /// - Returns: the root; nil when the disk is all zero.
    func finish() async throws(EngineError) -> NodeReference? {
        let open = state.withLock { state in
            defer { state.groups = [:] }
            return state.groups
        }
        for (number, group) in open.sorted(by: { $0.key < $1.key }) { try await write(group, number: number) }
        var changed = state.withLock { $0.finished }
        guard !changed.isEmpty else { return parent }
        if shape.height == 1 { return changed[0] ?? nil }
        var level = 1
        while level < shape.height - 1 {
            level += 1
            changed = try await nodes(ofLevel: level, above: changed)
        }
        return changed[0] ?? nil
    }

    private func write(_ group: Group, number: UInt64) async throws(EngineError) {
        let node: NodeReference?
        if shape.height == 1 {
            node = group.changed[0] ?? nil
        } else {
            node = try await write(group.changed, level: 1, number: number)
        }
        state.withLock { $0.finished[number] = .some(node) }
    }

    private func nodes(
        ofLevel level: Int, above changed: [UInt64: NodeReference?]
    ) async throws(EngineError) -> [UInt64: NodeReference?] {
        var result: [UInt64: NodeReference?] = [:]
        let groups = Dictionary(grouping: changed.keys) { $0 / UInt64(RepositoryFormat.fanOut) }
        for (number, keys) in groups {
            var children: [Int: NodeReference?] = [:]
            for key in keys { children[Int(key % UInt64(RepositoryFormat.fanOut))] = changed[key] }
            result[number] = .some(try await write(children, level: level, number: number))
        }
        return result
    }

    /// The inner node `number` of a level, with `changed` children in place of the earlier tree's.
    private func write(
        _ changed: [Int: NodeReference?], level: Int, number: UInt64
    ) async throws(EngineError) -> NodeReference? {
        var children: [Int: NodeReference] = [:]
        let before = try await reader.reference(toNode: number, level: level, of: parent, shape: shape)
        if let before, case .inner(_, let old) = try await reader.node(before.id, level: level) {
            for child in old { children[child.index] = child.node }
        }
        for (index, node) in changed { children[index] = node }
        let sorted = children.sorted { $0.key < $1.key }.map { TreeNode.Child(index: $0.key, node: $0.value) }
        guard !sorted.isEmpty else { return nil }
        return try await writer.write(.inner(level: level, sorted))
    }
}
