/// Copies one disk: walks what is not as in a restore point that both repositories have, brings over the chunks that
/// the destination lacks, and writes the nodes of the tree there.
struct DiskCopy: Sendable {
    let work: CopyWork
    let vm: String
    let disk: Manifest.Disk
    let base: BaseTree?
    let awaited: AwaitedBlobs
    let damages: CopyDamages

    struct Result: Sendable {
        let root: NodeReference?
        let amount: CopyAmount
    }

    /// Leaves planned together: up to 1 GiB of disk.
    private static let window = 256

    /// - Throws: `.corrupt` when something of the source cannot be read, named in `damages`; what the repositories
    ///   throw.
    func run() async throws(EngineError) -> Result {
        let mark = DiskWork(vm: vm, address: disk.address)
        work.progress(
            .diskStarted(mark, total: disk.root?.usedBytes ?? 0, isIncremental: base != nil, fallback: nil))
        let tally = CopyTally { done, amount in
            work.progress(.diskAdvanced(mark, done: done, new: amount.raw, stored: amount.bytes))
        }
        let root = try await root(tally)
        work.progress(.diskFinished(mark))
        return Result(root: root, amount: tally.amount)
    }

    private func root(_ tally: CopyTally) async throws(EngineError) -> NodeReference? {
        guard disk.root != nil else { return nil }
        let nodes = NodeWriter(store: work.store, codec: work.codec, awaited: awaited)
        guard let base else { return try await copy(along: nil, work.heals ? verifying(nodes) : nodes, tally) }
        do throws(EngineError) {
            return try await copy(along: base, nodes, tally)
        } catch {
            guard base.isBroken, error.isDamage else { throw error }
            work.progress(
                .warning(
                    vm: vm,
                    "disk \(disk.address): the restore point before cannot be read at both repositories (\(error)); "
                        + "everything is compared instead"))
            return try await copy(along: nil, verifying(nodes), tally)
        }
    }

    /// Where there is damage at the destination no node is relied on that was not read.
    private func verifying(_ nodes: NodeWriter) -> NodeWriter { nodes.verifying(by: work.destinationTrees.blobs) }

    private func copy(
        along base: BaseTree?, _ nodes: NodeWriter, _ tally: CopyTally
    ) async throws(EngineError) -> NodeReference? {
        let builder = TreeBuilder(
            shape: disk.shape, parent: base?.there, reader: work.destinationTrees, writer: nodes)
        let leaves = LeafCopy(
            work: work, disk: disk, base: base, builder: builder, nodes: nodes, awaited: awaited, damages: damages,
            tally: tally)
        let changed = ChangedLeaves(
            disk: disk, trees: work.sourceTrees, source: work.source, base: base, damages: damages)
        var window: [ChangedLeaves.Leaf] = []
        try await changed.forEach(settled: { tally.settle($0) }) { leaf throws(EngineError) in
            builder.expect(leaf.number)
            window.append(leaf)
            guard window.count >= Self.window else { return }
            try await leaves.copy(window)
            window = []
        }
        try await leaves.copy(window)
        return try await leaves.root()
    }
}
