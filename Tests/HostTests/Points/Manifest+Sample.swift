import Engine

@testable import HostKit

extension Manifest {
    /// A restore point that no repository has.
    static func sample(
        _ id: String, vm: String = "vm-1", name: String = "web", asked: Consistency = .crash,
        got: Consistency = .crash, incremental: [Bool] = [false]
    ) throws -> Manifest {
        var statistics = Statistics()
        statistics.size = 1 << 30
        statistics.read = 1 << 20
        statistics.seconds = 2
        let disks = incremental.enumerated().map { index, isIncremental in
            Disk(
                id: "disk-\(index)", address: DiskAddress(bus: "scsi", index: index), size: 1 << 30, root: nil,
                isIncremental: isIncremental, fallback: isIncremental ? nil : "the disk is new", statistics: statistics)
        }
        let point = try RestorePointID(id)
        return Manifest(
            id: point, created: Timestamp(milliseconds: 1_800_000_000_000), sequence: nil,
            vm: VM(id: vm, name: name, clusterID: "c", clusterName: "cluster"), source: "lab", job: nil,
            consistency: ConsistencyRecord(asked: asked, got: got), disks: disks,
            configuration: Digest.sha256([UInt8]().span.bytes), reference: .null, skipped: [], warnings: [],
            statistics: statistics, writer: "test")
    }
}

extension PointOverview {
    /// What a catalog has of a restore point that no repository has.
    static func sample(_ id: String, vm: String = "vm-1", name: String = "web") throws -> PointOverview {
        let manifest = try Manifest.sample(id, vm: vm, name: name)
        return PointOverview(
            manifest, at: StoredPoint(id: manifest.id, key: try ObjectKey("manifests/\(vm)/\(id)"), size: 1000))
    }
}
