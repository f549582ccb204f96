import Engine
import Wire

/// Starts captures: freezes the VM, clones its disks into a volume group, logs in to it.
struct CaptureStart: Sendable {
    let prism: PrismClient
    let configuration: AHVConfiguration
    let inventory: PrismInventory

    /// On an error nothing is left on the cluster.
    func start(_ request: CaptureRequest) async throws(PrismError) -> AHVCapture {
        let machine = try await prism.machine(request.vm.id)
        guard let cluster = inventory.clusters.first(where: { $0.id == machine.clusterID }) else {
            throw PrismError(.notFound, "the VM '\(machine.name)' is on a cluster that Prism Central does not list")
        }
        let access = try configuration.access(to: cluster)
        let name = configuration.owner.name(run: request.runName, label: machine.name)
        let context = CaptureContext(prism: prism, configuration: configuration, cluster: cluster, name: name)
        let previous = request.previous.flatMap { CaptureReference($0) }
        try await learnElement(of: cluster, previous)
        var made: String?
        do throws(PrismError) {
            let frozen = try await Freezer(prism: prism).freeze(
                machine, name: name, consistency: request.consistency,
                expires: prism.now.adding(seconds: Expiry.underWay)
            ) { made = $0 }
            if Task.isCancelled { throw .cancelled }
            return try await open(frozen, context, access, previous: previous)
        } catch {
            // A point whose task ended badly may be there all the same.
            let left = await remove(made, named: name, context)
            throw left.isEmpty ? error : error.during(left.joined(separator: "; "))
        }
    }

    private func open(
        _ frozen: FrozenMachine, _ context: CaptureContext, _ access: VolumeAccess, previous: CaptureReference?
    ) async throws(PrismError) -> AHVCapture {
        let own = frozen.machine.disks.filter { $0.exclusion == nil }
        var points: [String] = []
        for disk in own {
            guard let point = frozen.disks[disk.id] else {
                throw PrismError(.failed, "Prism did not freeze disk \(disk.address) of '\(frozen.machine.name)'")
            }
            points.append(point)
        }
        guard !own.isEmpty else {
            return capture(frozen, context, [], [], previous, nil, nil)
        }
        let group = try await TemporaryVolumeGroup.make(
            prism, name: context.name, cluster: context.cluster, disks: points.map { .diskPoint($0) },
            access: access)
        let connection = VolumeConnection(group.endpoint, disks: group.disks, logger: prism.logger)
        do throws(PrismError) {
            if Task.isCancelled { throw .cancelled }
            let units = try await connection.open()
            return capture(frozen, context, own, units, previous, group, connection)
        } catch {
            let left = await group.remove()
            throw left.isEmpty ? error : error.during(left.joined(separator: "; "))
        }
    }

    private func capture(
        _ frozen: FrozenMachine, _ context: CaptureContext, _ own: [PrismMachine.Disk], _ units: [LogicalUnit],
        _ previous: CaptureReference?, _ group: TemporaryVolumeGroup?, _ connection: VolumeConnection?
    ) -> AHVCapture {
        var kept: [String: CaptureReference.Disk] = [:]
        var disks: [CapturedDisk] = []
        for (disk, unit) in zip(own, units) {
            let size = unit.capacity.byteCount
            disks.append(CapturedDisk(id: disk.id, address: disk.address, size: size))
            kept[disk.id] = .init(point: frozen.disks[disk.id] ?? "", size: size, container: disk.containerID ?? "")
        }
        let reference = CaptureReference(
            frozen: frozen, cluster: context.cluster.id, disks: kept, supersedes: previous?.recoveryPoint,
            elementFingerprint: configuration.elementTrust.learned(context.cluster.id))
        return AHVCapture(
            context, frozen: frozen,
            configuration: MachineConfiguration(frozen.machine, in: inventory).json, disks: disks,
            reference: reference, group: group, connection: connection)
    }

    /// What is learned about a cluster's certificate belongs into the reference, so it is learned before that is made.
    private func learnElement(of cluster: PrismCluster, _ previous: CaptureReference?) async throws(PrismError) {
        if let known = previous?.elementFingerprint, previous?.cluster == cluster.id {
            configuration.elementTrust.recall(known, of: cluster.id)
        }
        try await configuration.elementTrust.prepare(for: cluster, port: configuration.elementPort)
    }

    private func remove(_ point: String?, named name: String, _ context: CaptureContext) async -> [String] {
        if let point { return await context.discard(point) }
        do throws(PrismError) {
            try await uncancelled { () async throws(PrismError) in
                for point in try await self.prism.recoveryPoints(named: name) {
                    if let id = point.extID { try await self.prism.deleteRecoveryPoint(id) }
                }
            }
            return []
        } catch {
            return ["a recovery point '\(name)' may be left and will be removed by a later run"]
        }
    }
}
