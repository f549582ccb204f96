import Synchronization

/// Brings VMs and disks of a restore point back to a source's cluster.
///
/// Nothing of a failed or cancelled restore stays on the cluster; the error says what was removed again.
package struct Restorer: Sendable {
    package let repository: Repository
    package let index: any DedupIndex
    /// Folder of this proxy's run leases.
    package let leases: String
    /// Fetches in work at once, over all disks. Each needs up to 12 MiB of memory, usually 8.
    package var lanes = 6
    package let progress: ProgressSink

    package init(
        repository: Repository, index: any DedupIndex, leases: String, progress: @escaping ProgressSink
    ) {
        self.repository = repository
        self.index = index
        self.leases = leases
        self.progress = progress
    }

    /// What an administrator can choose for a whole VM.
    package struct VMChoices: Sendable {
        package var name: String?
        package var mapping = RestoreMapping()
        package var isInPlace = false
        package var powersOn = false
        package var keepsMACs = false

        package init() {}
    }

    /// Makes the VM of a restore point anew.
    /// - Throws: the reason of the failure, after everything made was removed again.
    package func restoreVM(
        _ manifest: Manifest, _ choices: VMChoices, to source: any Source
    ) async throws(EngineError) -> RestoreReport {
        try await run(manifest, manifest.disks, source) { configuration, runName throws(EngineError) in
            var request = VMRestoreRequest(
                configuration: configuration, originalID: manifest.vm.id, originalName: manifest.vm.name,
                disks: manifest.disks.map(\.restoreDisk), runName: runName)
            request.name = choices.name
            request.mapping = choices.mapping
            request.isInPlace = choices.isInPlace
            request.powersOn = choices.powersOn
            request.keepsMACs = choices.keepsMACs
            return try await source.restoreVM(request)
        }
    }

    /// Makes one disk of a restore point anew.
    /// - Parameter name: the disk's address or id.
    /// - Throws: `.notFound` when the restore point has no such disk; else as `restoreVM`.
    package func restoreDisk(
        _ manifest: Manifest, disk name: String, to destination: DiskRestoreRequest.Destination,
        mapping: RestoreMapping, source: any Source
    ) async throws(EngineError) -> RestoreReport {
        guard let disk = manifest.disks.first(where: { $0.address.description == name || $0.id == name }) else {
            let known = manifest.disks.map { "\($0.address)" }.joined(separator: ", ")
            throw EngineError(.notFound, "restore point \(manifest.id) has no disk `\(name)`; it has: \(known)")
        }
        return try await run(manifest, [disk], source) { configuration, runName throws(EngineError) in
            var request = DiskRestoreRequest(
                disk: disk.restoreDisk, destination: destination, configuration: configuration, runName: runName)
            request.mapping = mapping
            return try await source.restoreDisk(request)
        }
    }

    private typealias Begin = @Sendable (JSONValue, String) async throws(EngineError) -> any RestoreSession

    private func run(
        _ manifest: Manifest, _ disks: [Manifest.Disk], _ source: any Source, _ begin: @escaping Begin
    ) async throws(EngineError) -> RestoreReport {
        do {
            return try await onBlockingThreads { try await runOnThreads(manifest, disks, source, begin) }
        } catch {
            throw error.at(manifest.vm.name)
        }
    }

    private func runOnThreads(
        _ manifest: Manifest, _ disks: [Manifest.Disk], _ source: any Source, _ begin: Begin
    ) async throws -> RestoreReport {
        progress(.machineStarted(vm: manifest.vm.name))
        let reading = PointReading(repository: repository, index: index, leases: leases, progress: progress)
        return try await reading.run(manifest) { blobs, lease in
            try await restore(manifest, disks, blobs, source, lease, begin)
        }
    }

    private func restore(
        _ manifest: Manifest, _ disks: [Manifest.Disk], _ blobs: BlobReader, _ source: any Source, _ lease: RunLease,
        _ begin: Begin
    ) async throws -> RestoreReport {
        let started = Stopwatch.now()
        await Sweep(repository: repository, source: source, leases: leases, progress: progress).run()
        // What this restore cannot clean up should it fail is looked for by the next backup.
        SweepMark.removeAll(in: leases, tag: repository.tag)
        let configuration = try await blobs.read(
            manifest.configuration, limit: RepositoryFormat.documentLimit, "VM configuration")
        let session = try await begin(JSONValue(parsing: configuration.array), lease.name)
        do {
            let written = try await restore(disks, of: manifest, blobs, session)
            try Task.checkCancellation()
            let outcome = try await session.commit()
            progress(.machineFinished(vm: manifest.vm.name, result: "restored as \(outcome.name) (\(outcome.id))"))
            return RestoreReport(
                outcome: outcome, written: written, size: disks.reduce(0) { $0 + $1.size },
                seconds: Stopwatch.now() - started)
        } catch {
            let removed = await detached { await session.abandon() }
            throw EngineError(error).afterRemoving(removed)
        }
    }

    private func restore(
        _ disks: [Manifest.Disk], of manifest: Manifest, _ blobs: BlobReader, _ session: any RestoreSession
    ) async throws -> UInt64 {
        let trees = TreeReader(blobs: blobs)
        let fetchBuffers = BufferPool(limit: lanes, capacity: FetchPlan.capacity)
        let writeBuffers = BufferPool(limit: lanes, capacity: 2 * RepositoryFormat.chunkLimit)
        return try await withThrowingTaskGroup(of: UInt64.self) { group in
            for (position, disk) in disks.enumerated() {
                let work = DiskWork(vm: manifest.vm.name, address: disk.address)
                let restore = DiskRestore(
                    disk: RestorePointDisk(disk, trees: trees), blobs: blobs, fetchBuffers: fetchBuffers,
                    writeBuffers: writeBuffers, lanes: lanes,
                    write: { buffer, range, offset throws(EngineError) in
                        try await session.write(buffer, range, to: position, at: offset)
                    },
                    advanced: { progress(.diskAdvanced(work, done: $0, new: 0, stored: 0)) })
                progress(
                    .diskStarted(work, total: disk.root?.usedBytes ?? 0, isIncremental: false, fallback: nil))
                group.addTask {
                    do {
                        let written = try await restore.run()
                        progress(.diskFinished(work))
                        return written
                    } catch {
                        throw EngineError(error).at("disk \(disk.address)")
                    }
                }
            }
            return try await group.reduce(0, +)
        }
    }
}

extension Manifest.Disk {
    var restoreDisk: RestoreDisk { RestoreDisk(id: id, address: address, size: size) }
}

extension EngineError {
    /// The same error, saying what was cleaned up because of it.
    func afterRemoving(_ removed: [String]) -> EngineError {
        guard !removed.isEmpty else { return self }
        var error = EngineError(
            kind, message + "; removed again: " + removed.joined(separator: ", "), isRetryable: isRetryable)
        for place in context.reversed() { error = error.at(place) }
        return error
    }
}
