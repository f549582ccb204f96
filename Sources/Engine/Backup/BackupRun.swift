import Synchronization

/// One execution of a backup: several VMs, each with its own restore point, sharing lanes, packs and index.
package struct BackupRun: Sendable {
    package let repository: Repository
    package let source: any Source
    package let sourceName: String
    package let codec: any Codec
    package let index: any DedupIndex
    package let options: BackupOptions
    /// Folder of this proxy's run leases.
    package let leases: String
    package let progress: ProgressSink

    package init(
        repository: Repository, source: any Source, sourceName: String, codec: any Codec, index: any DedupIndex,
        options: BackupOptions, leases: String, progress: @escaping ProgressSink
    ) {
        self.repository = repository
        self.source = source
        self.sourceName = sourceName
        self.codec = codec
        self.index = index
        self.options = options
        self.leases = leases
        self.progress = progress
    }

    /// Backs the VMs up. A VM that fails does not keep the others from their restore points.
    /// - Throws: what keeps every VM from being backed up, and `.cancelled`.
    package func run(_ machines: [VirtualMachine]) async throws(EngineError) -> BackupReport {
        try await onBlockingThreads { try await runOnThreads(machines) }
    }

    private func runOnThreads(_ machines: [VirtualMachine]) async throws -> BackupReport {
        let lease = try RunLease(in: leases, tag: repository.tag)
        defer { withExtendedLifetime(lease) {} }
        let session = try await Session.begin(.backup, on: repository.target, run: lease)
        return try await session.whileLeased { try await run(machines, in: session, lease) }
    }

    private func run(
        _ machines: [VirtualMachine], in session: Session, _ lease: RunLease
    ) async throws -> BackupReport {
        let started = Stopwatch.now()
        _ = try await repository.target.sweep()
        try await LiveSessions.sweep(repository.target, leases: leases)
        if let warning = try await session.clockWarning(now: options.now()) {
            progress(.warning(vm: nil, warning))
        }
        let marks = try await DamageMarks.load(from: repository.target)
        var avoided = AvoidedCopies(packs: session.condemned)
        avoided.formUnion(marks.avoided)
        let loaded = try await IndexLoader(repository).load(
            into: index, avoiding: avoided, unlisted: .list)
        for warning in marks.warnings + loaded.warnings { progress(.warning(vm: nil, warning)) }
        let swept = SweepMark(in: leases, tag: repository.tag, source: sourceName)
        await Sweep(repository: repository, source: source, leases: leases, progress: progress).run(unless: swept)
        let store = try BlobStore(
            repository: repository, index: index, session: session.id, packSize: options.packSize,
            parity: try ParityWriter(if: options.hasParity, repository), unlisted: loaded.unlisted)
        let rescue = BlobRescue(
            target: repository.target, parity: repository.codecs.parity, index: index, avoided: loaded.avoided)
        do {
            let results = try await backUp(
                machines, store, session, lease, rescue, swept, heals: !marks.avoided.isEmpty)
            try await store.flush()
            for warning in rescue.warnings { progress(.warning(vm: nil, warning)) }
            await mergeRuns()
            return BackupReport(
                machines: results.map(\.machine), totals: store.totals,
                times: results.map(\.times).reduce(StageTimes(), +), seconds: Stopwatch.now() - started)
        } catch {
            await detached { await store.abandon() }
            throw error
        }
    }

    /// The restore points are committed by now: what goes wrong here costs the next start some requests.
    private func mergeRuns() async {
        do throws(EngineError) {
            try await IndexCompaction(repository).runIfMany()
        } catch {
            progress(.warning(vm: nil, "index runs were not merged: \(error)"))
        }
    }

    private struct MachineResult: Sendable {
        let position: Int
        let machine: BackupReport.Machine
        let times: StageTimes
    }

    private func backUp(
        _ machines: [VirtualMachine], _ store: BlobStore, _ session: Session, _ lease: RunLease, _ rescue: BlobRescue,
        _ swept: SweepMark, heals: Bool
    ) async throws -> [MachineResult] {
        let buffers = BufferPool(limit: options.lanes, capacity: RepositoryFormat.leafSpan)
        let trees = TreeReader(
            blobs: BlobReader(repository, index: index, rescue: rescue))
        let refresh = IndexRefresh(repository, index, besides: store)
        return try await withThrowingTaskGroup(of: MachineResult.self) { group in
            var waiting = machines.enumerated().makeIterator()
            var results: [MachineResult] = []
            func start() {
                guard let (position, vm) = waiting.next() else { return }
                let backup = MachineBackup(
                    repository: repository, source: source, sourceName: sourceName, vm: vm, options: options,
                    runName: lease.name, swept: swept, session: session, store: store, codec: codec, trees: trees,
                    buffers: buffers,
                    heals: heals, progress: progress)
                group.addTask { await result(of: backup, position, refresh) }
            }
            for _ in 0..<max(1, options.machines) { start() }
            while let result = try await group.next() {
                results.append(result)
                try Task.checkCancellation()
                start()
            }
            return results.sorted { $0.position < $1.position }
        }
    }

    private func result(
        of backup: MachineBackup, _ position: Int, _ refresh: IndexRefresh
    ) async -> MachineResult {
        do {
            // What other runs have stored meanwhile need not be stored again; without it, it is stored twice.
            if position > 0 { try? await refresh.look() }
            let result = try await backup.run()
            progress(.machineFinished(vm: backup.vm.name, result: "restore point \(result.manifest.id)"))
            return MachineResult(
                position: position,
                machine: BackupReport.Machine(vm: backup.vm, result: .success(result.manifest)), times: result.times)
        } catch {
            let located = error.at(backup.vm.name)
            progress(.machineFailed(vm: backup.vm.name, error: error))
            return MachineResult(
                position: position, machine: BackupReport.Machine(vm: backup.vm, result: .failure(located)),
                times: StageTimes())
        }
    }
}
