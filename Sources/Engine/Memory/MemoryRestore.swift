import Synchronization

/// A restore into memory.
final class MemoryRestore: RestoreSession {
    /// What a commit makes of the disks.
    private enum Destination: Sendable {
        case machine(VMRestoreRequest)
        case disk(DiskRestoreRequest)
    }

    private enum Phase { case writing, committed, abandoned }

    private let cluster: MemoryCluster
    private let destination: Destination
    private let draft: String
    private let phase = Mutex(Phase.writing)

    convenience init(_ cluster: MemoryCluster, _ request: VMRestoreRequest, proxyID: String) {
        self.init(cluster, .machine(request), request.disks, proxyID, request.runName)
    }

    convenience init(_ cluster: MemoryCluster, _ request: DiskRestoreRequest, proxyID: String) {
        self.init(cluster, .disk(request), [request.disk], proxyID, request.runName)
    }

    private init(
        _ cluster: MemoryCluster, _ destination: Destination, _ disks: [RestoreDisk], _ proxyID: String, _ run: String
    ) {
        self.cluster = cluster
        self.destination = destination
        draft = cluster.state.withLock { state in
            let name = "ahvault-\(proxyID)-\(run)-restore-\(state.nextNumber())"
            let disks = disks.map { disk in
                MemoryCluster.Disk(
                    id: "\(name)-\(disk.address)", address: disk.address, image: SparseImage(size: disk.size))
            }
            state.drafts[name] = MemoryCluster.Draft(proxyID: proxyID, run: run, disks: disks)
            return name
        }
    }

    func write(_ buffer: Buffer, _ range: Range<Int>, to disk: Int, at offset: UInt64) async throws(EngineError) {
        precondition(phase.withLock { $0 } == .writing, "a restore is written only before it ends")
        let isWritten = cluster.state.withLock { state in
            guard state.drafts[draft] != nil else { return false }
            buffer.withBytes(range) { bytes in state.drafts[draft]?.disks[disk].image.write(bytes, at: offset) }
            return true
        }
        guard isWritten else { throw EngineError(.notFound, "the disks of \(draft) are gone") }
    }

    func commit() async throws(EngineError) -> RestoreOutcome {
        precondition(phase.withLock { $0 } == .writing, "a restore is committed once")
        let outcome = cluster.state.withLock { state -> RestoreOutcome? in
            guard let draft = state.drafts.removeValue(forKey: draft) else { return nil }
            switch destination {
            case .machine(let request): return state.add(request, draft.disks)
            case .disk(let request): return state.add(request, draft.disks[0])
            }
        }
        guard let outcome else { throw EngineError(.notFound, "the disks of \(draft) are gone") }
        phase.withLock { $0 = .committed }
        return outcome
    }

    func abandon() async -> [String] {
        phase.withLock { $0 = .abandoned }
        let found = cluster.state.withLock { $0.drafts.removeValue(forKey: draft) }
        return found == nil ? [] : ["disks \(draft)"]
    }
}

extension MemoryCluster.State {
    fileprivate mutating func add(_ request: VMRestoreRequest, _ disks: [MemoryCluster.Disk]) -> RestoreOutcome {
        if request.isInPlace { machines.removeAll { $0.id == request.originalID } }
        let machine = MemoryCluster.Machine(
            id: "vm-\(nextNumber())", name: request.name ?? request.originalName, disks: disks,
            configuration: request.configuration)
        machines.append(machine)
        return RestoreOutcome(id: machine.id, name: machine.name, notes: [])
    }

    fileprivate mutating func add(_ request: DiskRestoreRequest, _ disk: MemoryCluster.Disk) -> RestoreOutcome {
        switch request.destination {
        case .volumeGroup(let name):
            volumeGroups[name] = disk.image
            return RestoreOutcome(id: "group-\(nextNumber())", name: name, notes: [])
        case .attach(let vm, let address):
            let index = machines.firstIndex { $0.name == vm || $0.id == vm } ?? 0
            let taken = machines[index].disks.filter { $0.address.bus == disk.address.bus }.map(\.address.index)
            let next = DiskAddress(bus: disk.address.bus, index: (taken.max() ?? -1) + 1)
            machines[index].disks.append(
                MemoryCluster.Disk(id: disk.id, address: address ?? next, image: disk.image))
            return RestoreOutcome(id: machines[index].id, name: machines[index].name, notes: [])
        }
    }
}
