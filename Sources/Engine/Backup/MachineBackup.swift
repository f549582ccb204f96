import Synchronization

/// Backs up one VM: freezes it, reads its disks side by side, and commits one restore point.
///
/// Until the manifest is put nothing refers to what was stored; a failure or a crash before leaves no trace but packs
/// that the next run makes use of.
struct MachineBackup: Sendable {
    let repository: Repository
    let source: any Source
    let sourceName: String
    let vm: VirtualMachine
    let options: BackupOptions
    let runName: String
    /// Taken away when this backup leaves something behind on the source.
    let swept: SweepMark
    let session: Session
    let store: BlobStore
    let codec: any Codec
    let trees: TreeReader
    let buffers: BufferPool
    /// Whether what no pack has in a good copy is read again, changed or not.
    let heals: Bool
    let progress: ProgressSink

    struct Result: Sendable {
        let manifest: Manifest
        let times: StageTimes
    }

    func run() async throws(EngineError) -> Result {
        progress(.machineStarted(vm: vm.name))
        let previous = try await previous()
        // A restore point that was committed needs no lease any more, and one that was not needs nothing.
        defer { if let previous { session.unpin(previous.roots) } }
        let capture = try await capture(since: previous)
        do {
            let result = try await backUp(capture, previous: previous)
            tell(await capture.finish(.committed))
            return result
        } catch {
            tell(await detached { await capture.finish(.abandoned) })
            throw EngineError(error)
        }
    }

    private func capture(since previous: Manifest?) async throws(EngineError) -> any Capture {
        do {
            return try await source.capture(
                CaptureRequest(
                    vm: vm, consistency: options.consistency, runName: runName, previous: previous?.reference))
        } catch {
            swept.remove()
            throw error
        }
    }

    /// Tells what could not be cleaned up on the source; the next run looks for it.
    private func tell(_ leftOver: [String]) {
        if !leftOver.isEmpty { swept.remove() }
        for warning in leftOver { progress(.warning(vm: vm.name, warning)) }
    }

    /// The newest restore point of the VM, held fast: whatever a prune beside this run deletes, its trees stay.
    private func previous() async throws(EngineError) -> Manifest? {
        while let manifest = try await repository.newestManifest(ofVM: vm.id, now: options.now()) {
            try await session.pin(manifest.roots)
            if try await repository.contains(manifest) { return warned(manifest) }
        }
        return nil
    }

    private func warned(_ previous: Manifest) -> Manifest {
        let now = options.now()
        if previous.created > now {
            progress(
                .warning(
                    vm: vm.name,
                    "the restore point before, \(previous.id), is dated \(previous.created), but this machine's clock says "
                        + "\(now): one of them is wrong. Set the clock right; retention keeps what is dated ahead"))
        }
        return previous
    }

    private func backUp(_ capture: any Capture, previous: Manifest?) async throws -> Result {
        let started = Stopwatch.now()
        let machine = capture.machine
        for text in machine.skipped { progress(.note(vm: vm.name, "left out: \(text)")) }
        for text in machine.warnings { progress(.warning(vm: vm.name, text)) }
        let awaited = AwaitedBlobs()
        let nodes = NodeWriter(store: store, codec: codec, awaited: awaited)
        let disks = try await backUpDisks(of: capture, previous: previous, nodes: nodes)
        let configuration = try await nodes.verifying(by: trees.blobs).write(machine.configuration.text)
        try await awaited.settle(store)
        try Task.checkCancellation()
        var statistics = disks.map(\.disk.statistics).reduce(Manifest.Statistics(), +)
        statistics.seconds = Stopwatch.now() - started
        let manifest = manifest(machine, disks.map(\.disk), configuration, statistics, after: previous)
        try await commit(manifest)
        return Result(manifest: manifest, times: disks.map(\.times).reduce(StageTimes(), +))
    }

    /// Commits, unless a prune has taken this run for dead and what it stored for garbage.
    private func commit(_ manifest: Manifest) async throws(EngineError) {
        try session.checkAlive()
        try await repository.commit(manifest)
        do {
            try await session.confirm()
        } catch {
            try await repository.withdraw(manifest)
            throw error
        }
    }

    private typealias DiskResult = (disk: Manifest.Disk, times: StageTimes)

    private func backUpDisks(
        of capture: any Capture, previous: Manifest?, nodes: NodeWriter
    ) async throws -> [DiskResult] {
        try await withThrowingTaskGroup(of: (Int, DiskResult).self) { group in
            for (position, disk) in capture.machine.disks.enumerated() {
                group.addTask {
                    do {
                        return (position, try await backUp(disk, of: capture, previous: previous, nodes: nodes))
                    } catch {
                        throw EngineError(error).at("disk \(disk.address)")
                    }
                }
            }
            var results: [(Int, DiskResult)] = []
            for try await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func backUp(
        _ disk: CapturedDisk, of capture: any Capture, previous: Manifest?, nodes: NodeWriter
    ) async throws -> DiskResult {
        let before = previous?.disks.first { $0.id == disk.id }
        let reference = reference(for: disk, before: before, previous: previous)
        var map = try await capture.regions(of: disk, since: reference.reference).validated(size: disk.size)
        if reference.reference == nil, reference.fallback != nil {
            map = RegionMap(coverage: map.coverage, regions: map.regions, fallback: reference.fallback)
        }
        do {
            return try await store(disk, try await healing(map, before), before, capture, nodes)
        } catch let error as EngineError where error.kind == .corrupt && map.coverage == .changes {
            let full = try await capture.regions(of: disk, since: nil).validated(size: disk.size)
            let reason = "the restore point before is damaged (\(error))"
            return try await store(
                disk, RegionMap(coverage: .used, regions: full.regions, fallback: reason), nil, capture,
                nodes.verifying(by: trees.blobs))
        }
    }

    /// The regions of an increment, with those whose chunks are lost: what is the same as before gets the same ids, and
    /// heals every restore point that has it.
    private func healing(_ map: RegionMap, _ before: Manifest.Disk?) async throws(EngineError) -> RegionMap {
        guard heals, map.coverage == .changes, let before else { return map }
        return map.reading(try await HealingRegions(trees: trees, store: store).regions(of: before))
    }

    /// What the difference is asked against, or why it is not asked for.
    private func reference(
        for disk: CapturedDisk, before: Manifest.Disk?, previous: Manifest?
    ) -> (reference: DiskReference?, fallback: String?) {
        guard let previous else { return (nil, nil) }
        guard !options.isFull else { return (nil, "a full backup was asked for") }
        guard let before else { return (nil, "the disk is new since the restore point before") }
        guard before.size == disk.size else {
            return (nil, "the disk's size changed from \(ByteCount(before.size)) to \(ByteCount(disk.size))")
        }
        return (DiskReference(capture: previous.reference, size: before.size), nil)
    }

    private func store(
        _ disk: CapturedDisk, _ map: RegionMap, _ before: Manifest.Disk?, _ capture: any Capture, _ nodes: NodeWriter
    ) async throws -> DiskResult {
        let isIncremental = map.coverage == .changes
        let work = DiskWork(vm: vm.name, address: disk.address)
        progress(
            .diskStarted(work, total: map.changedBytes, isIncremental: isIncremental, fallback: map.fallback))
        let session = DiskSession(
            capture: capture, disk: disk, shape: TreeShape(size: disk.size), coverage: map.coverage,
            earlier: EarlierTree(before), trees: trees, nodes: nodes, store: store, codec: codec,
            chunker: try repository.configuration.chunker.chunker(orThrow: .unsupported), awaited: nodes.awaited)
        let backup = DiskBackup(
            session: session, regions: map.regions, buffers: buffers, lanes: options.lanes,
            advanced: { progress(.diskAdvanced(work, done: $0.changed, new: $0.new, stored: $0.stored)) })
        let result = try await backup.run()
        progress(.diskFinished(work))
        let entry = Manifest.Disk(
            id: disk.id, address: disk.address, size: disk.size, root: result.root, isIncremental: isIncremental,
            fallback: map.fallback, statistics: result.statistics)
        return (entry, result.times)
    }

    private func manifest(
        _ machine: CapturedMachine, _ disks: [Manifest.Disk], _ configuration: Digest,
        _ statistics: Manifest.Statistics, after previous: Manifest?
    ) -> Manifest {
        var generator = SystemRandomNumberGenerator()
        let now = options.now()
        return Manifest(
            id: RestorePointID(at: now, using: &generator), created: now,
            sequence: previous.map { ($0.sequence ?? 0) + 1 },
            vm: Manifest.VM(id: vm.id, name: vm.name, clusterID: vm.clusterID, clusterName: vm.clusterName),
            source: sourceName, job: options.job,
            consistency: Manifest.ConsistencyRecord(asked: options.consistency, got: machine.consistency),
            disks: disks, configuration: configuration, reference: machine.reference, skipped: machine.skipped,
            warnings: machine.warnings, statistics: statistics, writer: Version.text)
    }
}
