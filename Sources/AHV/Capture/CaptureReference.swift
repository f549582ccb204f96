import Engine
import Wire

/// What a later capture needs to know about this one; the part of a manifest that only this source reads.
struct CaptureReference: Sendable, Equatable {
    struct Disk: Sendable, Equatable {
        let point: String
        /// Bytes.
        let size: UInt64
        let container: String
    }

    let recoveryPoint: String
    let machinePoint: String
    let cluster: String
    let machine: String
    let generation: String
    let createTime: String
    /// By the VM disk's id.
    let disks: [String: Disk]
    /// The recovery point that this one replaces once it is committed.
    let supersedes: String?
    /// The certificate learned from the cluster's Prism Element.
    let elementFingerprint: CertificateFingerprint?

    init(
        frozen: FrozenMachine, cluster: String, disks: [String: Disk], supersedes: String?,
        elementFingerprint: CertificateFingerprint?
    ) {
        recoveryPoint = frozen.recoveryPoint
        machinePoint = frozen.machinePoint
        self.cluster = cluster
        machine = frozen.machine.id
        generation = frozen.machine.generation
        createTime = frozen.machine.createTime
        self.disks = disks
        self.supersedes = supersedes
        self.elementFingerprint = elementFingerprint
    }

    /// Nil for what is no reference of this source.
    init?(_ value: JSONValue) {
        guard let recoveryPoint = value["recoveryPoint"]?.string, let machinePoint = value["machinePoint"]?.string
        else {
            return nil
        }
        self.recoveryPoint = recoveryPoint
        self.machinePoint = machinePoint
        cluster = value["cluster"]?.string ?? ""
        machine = value["machine"]?.string ?? ""
        generation = value["generation"]?.string ?? ""
        createTime = value["createTime"]?.string ?? ""
        disks = (value["disks"]?.object ?? [:]).compactMapValues { disk in
            guard let point = disk["point"]?.string, let size = disk["size"]?.bytes else { return nil }
            return Disk(point: point, size: size, container: disk["container"]?.string ?? "")
        }
        supersedes = value["supersedes"]?.string
        elementFingerprint = value["elementFingerprint"]?.string.flatMap { CertificateFingerprint($0) }
    }

    var json: JSONValue {
        let disks = disks.mapValues { disk in
            JSONValue.object([
                "point": .string(disk.point), "size": .integer(Int64(clamping: disk.size)),
                "container": .string(disk.container),
            ])
        }
        var members: [String: JSONValue] = [
            "recoveryPoint": .string(recoveryPoint), "machinePoint": .string(machinePoint), "cluster": .string(cluster),
            "machine": .string(machine), "generation": .string(generation), "createTime": .string(createTime),
            "disks": .object(disks),
        ]
        members["supersedes"] = supersedes.map { .string($0) }
        members["elementFingerprint"] = elementFingerprint.map { .string($0.description) }
        return .object(members)
    }

    /// Why a disk of `now` cannot be compared with this capture; nil if it can.
    func obstacle(to disk: String, of now: CaptureReference) -> String? {
        if machine != now.machine { return "the last backup is of another VM" }
        if cluster != now.cluster { return "the VM has moved to another cluster since the last backup" }
        if generation != now.generation || createTime != now.createTime {
            return "the VM was restored, reverted or replaced since the last backup"
        }
        guard let then = disks[disk], let today = now.disks[disk] else {
            return "the disk is new since the last backup"
        }
        if then.size != today.size {
            return "the disk had \(then.size) bytes at the last backup and has \(today.size) now"
        }
        if then.container != today.container { return "the disk has moved to another storage container" }
        return nil
    }
}
