/// Copies one restore point: its disks, the VM's configuration, and then, when everything is durable at the
/// destination, its manifest. That is the commit; before, nothing refers to what was stored, and the next copy makes
/// use of it.
struct PointCopy: Sendable {
    let work: CopyWork
    /// As the source has it.
    let manifest: Manifest
    let base: CopyBase?
    let damages = CopyDamages()

    struct Result: Sendable {
        /// As the destination has it now.
        let manifest: Manifest
        let amount: CopyAmount
        /// False when somebody else has put the same restore point meanwhile.
        let isNew: Bool
    }

    /// - Throws: `.corrupt` when something of the source cannot be read, named in `damages`; what the repositories
    ///   throw.
    func run() async throws(EngineError) -> Result {
        work.progress(.machineStarted(vm: manifest.vm.name))
        let awaited = AwaitedBlobs()
        var disks: [Manifest.Disk] = []
        var amount = CopyAmount()
        for disk in manifest.disks {
            let copied = try await copy(disk, awaited)
            disks.append(disk.copied(root: copied.root))
            amount = amount + copied.amount
        }
        let configuration = try await copyConfiguration(awaited)
        let isNew = try await work.destination.naming { () async throws(EngineError) in
            try await awaited.settle(work.store)
            return try await commit(manifest.copied(disks: disks, configuration: configuration))
        }
        return Result(
            manifest: manifest.copied(disks: disks, configuration: configuration), amount: amount, isNew: isNew)
    }

    private func copy(_ disk: Manifest.Disk, _ awaited: AwaitedBlobs) async throws(EngineError) -> DiskCopy.Result {
        try await DiskCopy(
            work: work, vm: manifest.vm.name, disk: disk, base: try await tree(of: disk), awaited: awaited,
            damages: damages
        ).run()
    }

    /// The disk as the destination has it from before. With damage there it counts only when all of its chunks have
    /// good copies, so that a copy heals what it can.
    private func tree(of disk: Manifest.Disk) async throws(EngineError) -> BaseTree? {
        guard let base, let tree = base.tree(of: disk, (work.sourceTrees, work.destinationTrees)) else { return nil }
        guard work.heals, let there = base.destination.disks.first(where: { $0.id == disk.id }) else { return tree }
        do throws(EngineError) {
            let lost = try await HealingRegions(trees: work.destinationTrees, store: work.store).regions(of: there)
            return lost.isEmpty ? tree : nil
        } catch {
            guard error.isDamage else { throw error.at("repository \(work.destination.name)") }
            return nil
        }
    }

    private func copyConfiguration(_ awaited: AwaitedBlobs) async throws(EngineError) -> Digest {
        let bytes: [UInt8]
        do throws(EngineError) {
            bytes = try await work.sourceBlobs.read(
                manifest.configuration, limit: RepositoryFormat.documentLimit, "VM configuration"
            ).array
        } catch {
            guard error.isDamage else { throw error.at("repository \(work.source.name)") }
            damages.add(error, at: work.source.index.location(of: manifest.configuration), disk: nil, nil)
            throw error
        }
        let nodes = NodeWriter(store: work.store, codec: work.codec, awaited: awaited)
        return try await work.destination.naming { () async throws(EngineError) in
            // Read before it is relied on: it is small, and one that is damaged is stored anew.
            try await nodes.verifying(by: work.destinationTrees.blobs).write(bytes)
        }
    }

    /// Commits, unless a prune has taken this run for dead and what it stored for garbage.
    private func commit(_ copy: Manifest) async throws(EngineError) -> Bool {
        if Task.isCancelled { throw EngineError(.cancelled, "cancelled") }
        try work.session.checkAlive()
        do throws(EngineError) {
            try await work.destination.repository.commit(copy)
        } catch {
            guard error.kind == .alreadyExists else { throw error }
            return false
        }
        do throws(EngineError) {
            try await work.session.confirm()
        } catch {
            try await work.destination.repository.withdraw(copy)
            throw error
        }
        return true
    }
}

extension Manifest {
    /// The same restore point in another repository: all that it says stays, but for what its blobs are called there.
    func copied(disks: [Disk], configuration: Digest) -> Manifest {
        Manifest(
            id: id, created: created, sequence: sequence, vm: vm, source: source, job: job, consistency: consistency,
            disks: disks, configuration: configuration, reference: reference, skipped: skipped, warnings: warnings,
            statistics: statistics, writer: writer)
    }
}

extension Manifest.Disk {
    func copied(root: NodeReference?) -> Manifest.Disk {
        Manifest.Disk(
            id: id, address: address, size: size, root: root, isIncremental: isIncremental, fallback: fallback,
            statistics: statistics)
    }
}
