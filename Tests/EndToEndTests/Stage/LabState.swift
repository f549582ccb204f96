/// What is on the simulated clusters, with the files behind the disks.
struct LabState: Decodable, Sendable {
    struct Machine: Decodable, Sendable {
        let extId: String
        let name: String
        let powerState: String
        let disks: [Disk]
    }

    struct Disk: Decodable, Sendable {
        let extId: String
        let address: String?
        let path: String
    }

    struct VolumeGroup: Decodable, Sendable {
        let name: String
        let disks: [Disk]
    }

    struct RecoveryPoint: Decodable, Sendable {
        let extId: String
        let name: String
    }

    let vms: [Machine]
    let volumeGroups: [VolumeGroup]
    let recoveryPoints: [RecoveryPoint]

    func machine(_ name: String) throws -> Machine {
        guard let machine = vms.first(where: { $0.name == name }) else { throw StageError("there is no VM \(name)") }
        return machine
    }

    /// The file that a VM's guest writes to.
    func disk(_ vm: String, _ address: String) throws -> ImageDisk {
        let machine = try machine(vm)
        guard let disk = machine.disks.first(where: { $0.address == address }) else {
            throw StageError("\(vm) has no disk \(address)")
        }
        return ImageDisk(existing: disk.path)
    }
}
