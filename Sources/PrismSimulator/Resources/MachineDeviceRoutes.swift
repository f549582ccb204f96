/// Disks, CD-ROM drives and NICs of a VM, one by one.
extension World {
    static let machineDeviceRoutes: [Route] =
        devices("disks", "Disk", "Disk") + devices("cd-roms", "CdRom", "CdRom") + devices("nics", "Nic", "Nic") + [
            Route(
                "createDisk", "POST /vmm/ahv/config/vms/{vm}/disks", "vmm.v4.ahv.config.CreateDiskApiResponse",
                body: "vmm.v4.ahv.config.Disk", ifMatch: .matches(.vm, parameter: "vm")
            ) { world, call in try world.createDisk(call) },
            Route(
                "updateDisk", "PUT /vmm/ahv/config/vms/{vm}/disks/{id}", "vmm.v4.ahv.config.UpdateDiskApiResponse",
                body: "vmm.v4.ahv.config.Disk", ifMatch: .matches(.vm, parameter: "vm")
            ) { world, call in try world.updateDisk(call) },
            Route(
                "createNIC", "POST /vmm/ahv/config/vms/{vm}/nics", "vmm.v4.ahv.config.CreateNicApiResponse",
                body: "vmm.v4.ahv.config.Nic", ifMatch: .matches(.vm, parameter: "vm")
            ) { world, call in
                let vm = try world.find(.vm, call["vm"])
                let nic = try world.plannedNIC(call.body, cluster: vm.clusters.first ?? "", path: "")
                return world.add(nic, to: "nics", of: vm, "CreateNic", "nic", call)
            },
            Route(
                "createCDROM", "POST /vmm/ahv/config/vms/{vm}/cd-roms", "vmm.v4.ahv.config.CreateCdRomApiResponse",
                body: "vmm.v4.ahv.config.CdRom", ifMatch: .matches(.vm, parameter: "vm")
            ) { world, call in
                let vm = try world.find(.vm, call["vm"])
                let drives = try world.planDrives([call.body])
                return world.add(drives[0], to: "cdRoms", of: vm, "CreateCdRom", "cdrom", call)
            },
        ]

    /// The list, get and delete of one kind of device.
    private static func devices(_ path: String, _ type: String, _ name: String) -> [Route] {
        let member = path == "cd-roms" ? "cdRoms" : path
        return [
            Route(
                "list\(name)s", "GET /vmm/ahv/config/vms/{vm}/\(path)",
                "vmm.v4.ahv.config.List\(name)sApiResponse \(type)"
            ) { world, call in .list(try world.find(.vm, call["vm"]).body[member]?.elements ?? [], fields: []) },
            Route(
                "get\(name)", "GET /vmm/ahv/config/vms/{vm}/\(path)/{id}",
                "vmm.v4.ahv.config.Get\(name)ApiResponse \(type)"
            ) { world, call in
                let vm = try world.find(.vm, call["vm"])
                return .entity(try world.device(member, call["id"], of: vm), etag: vm.etag)
            },
            Route(
                "delete\(name)", "DELETE /vmm/ahv/config/vms/{vm}/\(path)/{id}",
                "vmm.v4.ahv.config.Delete\(name)ApiResponse", ifMatch: .matches(.vm, parameter: "vm")
            ) { world, call in try world.deleteDevice(member, call, "Delete\(name)") },
        ]
    }

    private func device(_ member: String, _ id: String, of vm: Entity) throws(APIError) -> JSONValue {
        guard let device = vm.body[member]?.elements.first(where: { $0["extId"]?.string == id }) else {
            throw .notFound(member, id)
        }
        return device
    }

    private func add(
        _ device: JSONValue, to member: String, of vm: Entity, _ operation: String, _ rel: String, _ call: APICall
    ) -> Answer {
        start(call, operation, clusters: vm.clusters) { world in
            world.update(.vm, vm.id) { $0.body[member] = .array(($0.body[member]?.elements ?? []) + [device]) }
            var result = TaskResult()
            result.add("vmm:ahv:config:vm", vm.id, vm.body["name"]?.string)
            result.add("vmm:ahv:config:vm:\(rel)", device["extId"]?.string ?? "")
            return result
        }
    }

    private func createDisk(_ call: APICall) throws -> Answer {
        let vm = try find(.vm, call["vm"])
        var request = call.body
        let existing = vm.body["disks"]?.elements ?? []
        // A taken index gives the disk the next free one, as real servers do.
        if let address = request["diskAddress"],
            existing.contains(where: { $0["diskAddress"].map(Self.address) == Self.address(address) })
        {
            request["diskAddress"]?["index"] = nil
        }
        let planned = try planDisks([request], cluster: vm.clusters.first ?? "", besides: existing)[0]
        return start(call, "CreateDisk", clusters: vm.clusters) { world in
            if let plan = planned.plan { try await world.make(plan) }
            world.update(.vm, vm.id) {
                $0.body["disks"] = .array(($0.body["disks"]?.elements ?? []) + [planned.body])
                if planned.plan?.isFromVolumeGroup ?? false {
                    $0.hidden["hydrationReads"] = .int(world.settings.hydrationReads)
                }
            }
            if let group = planned.body.at("backingInfo.volumeGroupExtId")?.string {
                world.addAttachment(of: vm.id, index: planned.body.at("diskAddress.index")?.int ?? 0, to: group)
            }
            var result = TaskResult()
            result.add("vmm:ahv:config:vm", vm.id, vm.body["name"]?.string)
            return result
        }
    }

    private func updateDisk(_ call: APICall) throws -> Answer {
        let vm = try find(.vm, call["vm"])
        let disk = try device("disks", call["id"], of: vm)
        if call.body.at("backingInfo.dataSource") != nil {
            throw APIError.invalid("The data source of a disk cannot be changed.")
        }
        let size = disk.at("backingInfo.diskSizeBytes")?.int ?? 0
        let wanted = call.body.at("backingInfo.diskSizeBytes")?.int ?? size
        if wanted < size { throw APIError.body("/backingInfo/diskSizeBytes", "a disk cannot shrink") }
        let address = call.body["diskAddress"]
        return start(call, "UpdateDisk", clusters: vm.clusters) { world in
            try await world.growMachineDisk(vm.id, call["id"], to: wanted)
            world.changeDisk(call["id"], of: vm.id) { if let address { $0["diskAddress"] = address } }
            var result = TaskResult()
            result.add("vmm:ahv:config:vm", vm.id, vm.body["name"]?.string)
            result.add("vmm:ahv:config:vm:disk", call["id"])
            return result
        }
    }

    private func deleteDevice(_ member: String, _ call: APICall, _ operation: String) throws -> Answer {
        let vm = try find(.vm, call["vm"])
        let device = try device(member, call["id"], of: vm)
        return start(call, operation, clusters: vm.clusters) { world in
            if member == "disks", vm.body["powerState"] == "ON", device.at("diskAddress.busType") != "SCSI" {
                throw TaskFailure(
                    group: "VM_INVALID_POWER_STATE", message: "Only SCSI disks can be removed from a running VM.")
            }
            world.update(.vm, vm.id) {
                $0.body[member] = .array(($0.body[member]?.elements ?? []).filter { $0["extId"] != device["extId"] })
            }
            if let group = device.at("backingInfo.volumeGroupExtId")?.string {
                world.removeAttachment(of: vm.id, from: group)
            } else if member == "disks", let file = device.at("backingInfo.diskExtId")?.string {
                await world.disks.remove([file])
            }
            var result = TaskResult()
            result.add("vmm:ahv:config:vm", vm.id, vm.body["name"]?.string)
            return result
        }
    }

    /// Changes one disk of a VM as it shows.
    func changeDisk(_ disk: String, of vm: String, _ change: (inout JSONValue) -> Void) {
        update(.vm, vm) {
            $0.body["disks"] = .array(
                ($0.body["disks"]?.elements ?? []).map { element in
                    guard element["extId"]?.string == disk else { return element }
                    var element = element
                    change(&element)
                    return element
                })
        }
    }

    /// Makes a VM disk larger; the new part reads as zero.
    func growMachineDisk(_ vm: String, _ disk: String, to size: Int) async throws {
        try await disks.grow(disk, to: size)
        changeDisk(disk, of: vm) { $0["backingInfo"]?["diskSizeBytes"] = .int(size) }
    }
}
