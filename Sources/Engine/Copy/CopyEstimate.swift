/// A dry run: walks what is not as in a restore point that both repositories have, and adds up what the destination
/// lacks.
///
/// It holds no lease, since it writes nothing: a prune beside it may take something away, which is then told as damage.
struct CopyEstimate: Sendable {
    private let copy: CopyRun
    private let translation: IDTranslation
    private let sourceTrees: TreeReader
    private let destinationTrees: TreeReader
    private let fetching: BlobFetching
    private let sourceBlobs: BlobReader

    private static let window = 256

    init(_ copy: CopyRun) throws(EngineError) {
        self.copy = copy
        translation = try IDTranslation(from: copy.source.repository, to: copy.destination.repository)
        let rescue = BlobRescue(
            target: copy.source.target, parity: copy.source.repository.codecs.parity, index: copy.source.index)
        sourceBlobs = BlobReader(copy.source.repository, index: copy.source.index, rescue: rescue)
        sourceTrees = TreeReader(blobs: sourceBlobs)
        destinationTrees = TreeReader(blobs: BlobReader(copy.destination.repository, index: copy.destination.index))
        let lanes = max(1, copy.options.lanes)
        fetching = BlobFetching(
            source: copy.source, buffers: BufferPool(limit: lanes, capacity: FetchPlan.capacity), lanes: lanes)
    }

    func run(_ points: [StoredPoint]) async throws -> CopyReport {
        let started = Stopwatch.now()
        try await load()
        let plan = try await CopyPlan(points, copy)
        var report = CopyReport(isDryRun: true)
        report.take(plan)
        report.isUpperBound = translation.needsContent
        let lacking = DistinctBytes()
        for machine in plan.machines {
            var base: CopyBase?
            for point in machine {
                guard let manifest = try await self.manifest(point) else { continue }
                if base == nil { base = try await search(plan).base(for: manifest)?.base }
                let result = try await estimate(manifest, base, lacking)
                report.points.append(result)
                // From here on the tree is compared with that of the source alone.
                if (try? result.result.get()) != nil { base = CopyBase(source: manifest, destination: manifest) }
            }
        }
        report.seconds = Stopwatch.now() - started
        return report
    }

    /// Nil when it was deleted meanwhile.
    private func manifest(_ point: CopyPlan.Point) async throws(EngineError) -> Manifest? {
        do throws(EngineError) {
            return try await copy.source.repository.manifest(point.stored)
        } catch {
            guard error.kind == .notFound else { throw error.at("repository \(copy.source.name)") }
            return nil
        }
    }

    private func load() async throws(EngineError) {
        let (source, destination) = (copy.source, copy.destination)
        try await source.naming { () async throws(EngineError) in
            let marks = try await DamageMarks.load(from: source.target)
            _ = try await IndexLoader(source.repository).load(into: source.index, avoiding: marks.avoided)
        }
        try await destination.naming { () async throws(EngineError) in
            let marks = try await DamageMarks.load(from: destination.target)
            var avoided = marks.avoided
            for condemned in try await Condemnation.all(at: destination.target) {
                avoided.packs.formUnion(condemned.content.packs)
            }
            _ = try await IndexLoader(destination.repository).load(into: destination.index, avoiding: avoided)
        }
    }

    private func search(_ plan: CopyPlan) -> BaseSearch {
        BaseSearch(
            plan: plan, source: copy.source, destination: copy.destination, translation: translation,
            sourceSession: nil, session: nil)
    }

    private func estimate(
        _ manifest: Manifest, _ base: CopyBase?, _ lacking: DistinctBytes
    ) async throws(EngineError) -> CopyReport.Point {
        let damages = CopyDamages()
        let before = lacking.total
        do throws(EngineError) {
            for disk in manifest.disks {
                let tree = base?.tree(of: disk, (sourceTrees, destinationTrees))
                do throws(EngineError) {
                    try await add(disk, tree, damages, lacking)
                } catch {
                    guard let tree, tree.isBroken else { throw error }
                    try await add(disk, nil, damages, lacking)
                }
            }
            var amount = CopyAmount()
            let more = lacking.total - min(before, lacking.total)
            if translation.keepsIDs { amount.movedBytes = more } else { amount.encodedBytes = more }
            return CopyReport.Point(id: manifest.id, vm: manifest.vm, result: .success(amount), damages: [])
        } catch {
            guard error.isDamage else { throw error }
            return CopyReport.Point(
                id: manifest.id, vm: manifest.vm, result: .failure(error.at("restore point \(manifest.id)")),
                damages: damages.all)
        }
    }

    private func add(
        _ disk: Manifest.Disk, _ base: BaseTree?, _ damages: CopyDamages, _ lacking: DistinctBytes
    ) async throws(EngineError) {
        guard disk.root != nil else { return }
        let changed = ChangedLeaves(
            disk: disk, trees: sourceTrees, source: copy.source, base: base, damages: damages)
        let reading = LeafReading(
            blobs: sourceBlobs, fetching: fetching, disk: disk, damages: damages)
        var window: [ChangedLeaves.Leaf] = []
        try await changed.forEach(settled: { _ in }) { leaf throws(EngineError) in
            guard leaf.node != nil else { return }
            window.append(leaf)
            guard window.count >= Self.window else { return }
            try await add(window, reading, base, lacking)
            window = []
        }
        try await add(window, reading, base, lacking)
    }

    private func add(
        _ leaves: [ChangedLeaves.Leaf], _ reading: LeafReading, _ base: BaseTree?, _ lacking: DistinctBytes
    ) async throws(EngineError) {
        let contents = try await reading.contents(of: leaves)
        var known: Set<Digest> = []
        if let base, translation.needsContent {
            let before = try await copy.source.target.together(leaves) { leaf in
                try await base.chunksBefore(ofLeaf: leaf.number)
            }
            known = Set(before.joined())
        }
        for content in contents.values {
            for extent in content.extents where !known.contains(extent.chunk) && !isThere(extent.chunk) {
                guard let location = copy.source.index.location(of: extent.chunk) else { continue }
                lacking.add(extent.chunk, location.fetchCount)
            }
        }
    }

    private func isThere(_ chunk: Digest) -> Bool {
        translation.id(of: chunk).map { copy.destination.index.holds($0) } ?? false
    }
}
