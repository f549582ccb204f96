import Synchronization

/// A snapshot of a VM in memory while it is read.
final class MemoryCapture: Capture {
    let machine: CapturedMachine
    private let cluster: MemoryCluster
    private let snapshot: MemoryCluster.Snapshot
    private let previous: String?
    private let isFinished = Mutex(false)

    init(_ cluster: MemoryCluster, _ snapshot: MemoryCluster.Snapshot, _ request: CaptureRequest) {
        self.cluster = cluster
        self.snapshot = snapshot
        previous = request.previous?["snapshot"]?.string
        machine = CapturedMachine(
            configuration: ["id": .string(snapshot.machineID), "name": .string(request.vm.name)],
            disks: snapshot.disks.map { CapturedDisk(id: $0.id, address: $0.address, size: $0.image.size) },
            skipped: [], consistency: request.consistency, warnings: [],
            reference: ["snapshot": .string(snapshot.name)])
    }

    func regions(of disk: CapturedDisk, since reference: DiskReference?) async throws(EngineError) -> RegionMap {
        requireUnfinished()
        let image = try image(of: disk)
        guard let reference else { return RegionMap(coverage: .used, regions: image.used) }
        func fallback(_ reason: String) -> RegionMap {
            RegionMap(coverage: .used, regions: image.used, fallback: reason)
        }
        let name = reference.capture["snapshot"]?.string ?? ""
        let earlier = cluster.state.withLock { $0.snapshots[name] }
        guard let earlier, let before = earlier.disks.first(where: { $0.id == disk.id }) else {
            return fallback("the recovery point of the last backup is gone")
        }
        guard before.image.size == disk.size, reference.size == disk.size else {
            return fallback("the disk has another size than at the last backup")
        }
        return RegionMap(coverage: .changes, regions: image.changes(since: before.image))
    }

    func read(_ range: ByteRange, of disk: CapturedDisk, into output: Buffer) async throws(EngineError) {
        requireUnfinished()
        precondition(range.start % 512 == 0, "reads start on a sector")
        precondition(range.end % 512 == 0 || range.end == disk.size, "reads end on a sector")
        try cluster.passHook(disk, range)
        try image(of: disk).read(range, into: output)
    }

    func finish(_ outcome: CaptureOutcome) async -> [String] {
        let isFirst = isFinished.withLock { isFinished in
            defer { isFinished = true }
            return !isFinished
        }
        precondition(isFirst, "a capture is finished once")
        let gone = outcome == .committed ? previous : snapshot.name
        cluster.state.withLock { state in
            if let gone, gone != snapshot.name || outcome == .abandoned { state.snapshots[gone] = nil }
        }
        return []
    }

    private func image(of disk: CapturedDisk) throws(EngineError) -> SparseImage {
        guard let found = snapshot.disks.first(where: { $0.id == disk.id }) else {
            throw EngineError(.notFound, "\(disk.address) is not part of this capture")
        }
        return found.image
    }

    private func requireUnfinished() {
        precondition(!isFinished.withLock { $0 }, "a capture is not read after it was finished")
    }
}
