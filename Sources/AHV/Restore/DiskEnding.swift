import Engine

/// Plugs the restored disk into a VM.
struct DiskEnding: RestoreEnding {
    let prism: PrismClient
    let machine: PrismMachine
    let address: DiskAddress
    let disk: RestoreDisk

    private var place: String { "\(PrismClient.machines)/\(PrismCall.segment(machine.id))" }

    func complete(
        _ group: TemporaryVolumeGroup, _ cleanUp: CleanUp
    ) async throws(PrismError) -> (outcome: RestoreOutcome, groupStays: Bool) {
        let version = try await prism.versions.version(of: .machines, at: prism)
        guard version >= APIVersion(minor: 1) else { return (try await attach(group, cleanUp), true) }
        let now = try await prism.machine(machine.id)
        _ = try FreeAddress(now).choose(address, like: disk.address)
        let before = Set(now.disks.map(\.id))
        cleanUp.add("removed the disk \(address) from the VM '\(machine.name)'") { () async throws(PrismError) in
            try await self.removeDisk(notIn: before)
        }
        let body = VolumeClone(disk: group.disks[0].id, group: group.id).disk(at: address)
        _ = try await prism.run("POST", .machines, "\(place)/disks", body: body, stateOf: place)
        let after = try await Hydration(prism: prism).wait(for: machine.id)
        guard let made = after.disks.first(where: { !before.contains($0.id) }) else {
            throw PrismError(.failed, "Prism took the disk for '\(machine.name)', but the VM does not have it")
        }
        var notes: [String] = []
        if made.address != address { notes.append("the disk is at \(made.address), not at \(address)") }
        if made.size != disk.size { notes.append("the disk has \(made.size) bytes, not \(disk.size)") }
        return (RestoreOutcome(id: machine.id, name: machine.name, notes: notes), false)
    }

    /// Servers before v4.1 cannot make a VM's disk of a volume group's: the group itself is plugged in and stays.
    private func attach(
        _ group: TemporaryVolumeGroup, _ cleanUp: CleanUp
    ) async throws(PrismError) -> RestoreOutcome {
        let note = try await GroupAttachment(prism: prism, machine: machine.id, name: machine.name)
            .attach(group, index: address.bus == "scsi" ? address.index : nil, cleanUp)
        return RestoreOutcome(id: machine.id, name: machine.name, notes: [note])
    }

    private func removeDisk(notIn before: Set<String>) async throws(PrismError) -> Bool {
        let now = try await prism.machine(machine.id)
        guard let made = now.disks.first(where: { !before.contains($0.id) && $0.address == address }) else {
            return false
        }
        try await deleteDisk(made.id)
        return true
    }

    private func deleteDisk(_ id: String) async throws(PrismError) {
        do throws(PrismError) {
            _ = try await prism.run("DELETE", .machines, "\(place)/disks/\(PrismCall.segment(id))", stateOf: place)
        } catch {
            if !error.isMissing { throw error }
        }
    }
}

/// A VM disk made as a copy of a volume group's disk.
struct VolumeClone: Sendable {
    let disk: String
    let group: String

    func disk(at address: DiskAddress) -> JSONValue {
        .typed(
            "vmm.v4.ahv.config.Disk",
            [
                "diskAddress": .typed(
                    "vmm.v4.ahv.config.DiskAddress",
                    ["busType": .string(address.bus.uppercased()), "index": .integer(Int64(address.index))]),
                "backingInfo": .typed(
                    "vmm.v4.ahv.config.VmDisk",
                    [
                        "dataSource": .typed(
                            "vmm.v4.ahv.config.DataSource",
                            [
                                "reference": .typed(
                                    "vmm.v4.ahv.config.VolumeDiskReference",
                                    ["diskExtId": .string(disk), "volumeGroupExtId": .string(group)])
                            ])
                    ]),
            ])
    }
}

/// A volume group plugged into a VM as it is, for servers before v4.1.
struct GroupAttachment: Sendable {
    let prism: PrismClient
    let machine: String
    let name: String

    /// Returns what the administrator should know.
    func attach(
        _ group: TemporaryVolumeGroup, index: Int?, _ cleanUp: CleanUp
    ) async throws(PrismError) -> String {
        let place = "\(PrismClient.volumeGroups)/\(PrismCall.segment(group.id))"
        cleanUp.add("detached the volume group from the VM '\(name)'") { () async throws(PrismError) in
            guard try await self.prism.attachments(of: group.id).machines.contains(self.machine) else { return false }
            let body = JSONValue.typed("volumes.v4.config.VmAttachment", ["extId": .string(self.machine)])
            _ = try await self.prism.run(
                "POST", .volumes, "\(place)/$actions/detach-vm", body: body, stateOf: place)
            return true
        }
        try await prism.attach(machine: machine, to: group.id, index: index)
        let lasting = "\(name.prefix(200)) restored"
        try await prism.rename(volumeGroup: group.id, to: lasting, description: "Restored by AHVault")
        return "this Prism (v4.0) cannot make VM disks of a volume group's disks: they stay in the volume group "
            + "'\(lasting)', which is attached to the VM"
    }
}

/// The copying that goes on behind a disk made from another one.
struct Hydration: Sendable {
    let prism: PrismClient

    /// Waits until all disks of a VM stand on their own, and returns the VM.
    /// - Throws: `failed` if Prism gave up; `timedOut` after a day.
    func wait(for machine: String) async throws(PrismError) -> PrismMachine {
        let deadline = ContinuousClock.now + .seconds(86_400)
        var pause = Duration.milliseconds(300)
        while ContinuousClock.now < deadline {
            let now = try await prism.machine(machine)
            if let failed = now.disks.first(where: \.hydrationFailed) {
                throw PrismError(.failed, "Prism could not copy disk \(failed.address) out of the volume group")
            }
            if !now.disks.contains(where: \.isHydrating) { return now }
            do { try await Task.sleep(for: pause) } catch { throw .cancelled }
            pause = min(pause * 1.5, .seconds(10))
        }
        throw PrismError(.timedOut, "Prism has not copied the disks of the VM within a day")
    }
}
