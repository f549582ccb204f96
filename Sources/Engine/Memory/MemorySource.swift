import Synchronization

/// VMs in memory, for tests. Stricter than life: use before `open` or after `close`, finishing a capture twice and
/// writing after a commit stop the program.
package final class MemorySource: Source {
    package static let name = "memory"
    package static let summary = "VMs in memory: for trials"

    private let cluster: MemoryCluster
    private let proxyID: String
    private let isOpen = Mutex(false)

    package convenience init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(MemoryCluster(), proxyID: context.proxyID)
    }

    package init(_ cluster: MemoryCluster, proxyID: String = "local") {
        self.cluster = cluster
        self.proxyID = proxyID
    }

    package func open() async throws(EngineError) { isOpen.withLock { $0 = true } }
    package func close() async { isOpen.withLock { $0 = false } }

    package func inventory() async throws(EngineError) -> Inventory {
        requireOpen()
        let cluster = Cluster(id: MemoryCluster.id, name: "memory", version: "1", containers: ["default"], networks: [])
        return Inventory(
            clusters: [cluster],
            machines: self.cluster.state.withLock { state in state.machines.map { $0.virtualMachine } })
    }

    package func sweep(_ request: SweepRequest) async throws(EngineError) -> [String] {
        requireOpen()
        let kept = Set(request.kept.compactMap { $0["snapshot"]?.string })
        let proxyID = proxyID
        return cluster.state.withLock { state in
            func isOrphan(_ owner: String, _ run: String) -> Bool {
                owner == proxyID && run.hasPrefix(request.repository + "-") && !request.isRunning(run)
            }
            let snapshots = state.snapshots.values.filter { isOrphan($0.proxyID, $0.run) && !kept.contains($0.name) }
            let drafts = state.drafts.filter { isOrphan($0.value.proxyID, $0.value.run) }
            for snapshot in snapshots { state.snapshots[snapshot.name] = nil }
            for name in drafts.keys { state.drafts[name] = nil }
            return snapshots.map { "recovery point \($0.name)" }.sorted() + drafts.keys.map { "disks \($0)" }.sorted()
        }
    }

    package func capture(_ request: CaptureRequest) async throws(EngineError) -> any Capture {
        requireOpen()
        let proxyID = proxyID
        let snapshot = cluster.state.withLock { state -> MemoryCluster.Snapshot? in
            guard let machine = state.machines.first(where: { $0.id == request.vm.id }) else { return nil }
            let snapshot = MemoryCluster.Snapshot(
                name: "ahvault-\(proxyID)-\(request.runName)-\(state.nextNumber())", proxyID: proxyID,
                run: request.runName, machineID: machine.id, disks: machine.disks)
            state.snapshots[snapshot.name] = snapshot
            return snapshot
        }
        guard let snapshot else { throw EngineError(.notFound, "there is no VM \(request.vm.name) in memory") }
        return MemoryCapture(cluster, snapshot, request)
    }

    package func restoreVM(_ request: VMRestoreRequest) async throws(EngineError) -> any RestoreSession {
        try check(request.mapping)
        return MemoryRestore(cluster, request, proxyID: proxyID)
    }

    package func restoreDisk(_ request: DiskRestoreRequest) async throws(EngineError) -> any RestoreSession {
        try check(request.mapping)
        if case .attach(let vm, _) = request.destination {
            let isThere = cluster.state.withLock { $0.machines.contains { $0.name == vm || $0.id == vm } }
            guard isThere else { throw EngineError(.notFound, "there is no VM \(vm) in memory") }
        }
        return MemoryRestore(cluster, request, proxyID: proxyID)
    }

    private func check(_ mapping: RestoreMapping) throws(EngineError) {
        requireOpen()
        guard mapping.container == nil || mapping.container == "default" else {
            throw EngineError(.configuration, "memory has no container \(mapping.container ?? "")")
        }
        guard mapping.cluster == nil || mapping.cluster == "memory" || mapping.cluster == MemoryCluster.id else {
            throw EngineError(.configuration, "there is no cluster \(mapping.cluster ?? "")")
        }
    }

    private func requireOpen() {
        precondition(isOpen.withLock { $0 }, "a source is used only between open and close")
    }
}

extension MemoryCluster.Machine {
    var virtualMachine: VirtualMachine {
        VirtualMachine(
            id: id, name: name, clusterID: MemoryCluster.id, clusterName: "memory", isPoweredOn: true, categories: [:],
            disks: disks.map { VirtualMachine.Disk(id: $0.id, address: $0.address, size: $0.image.size) })
    }
}
