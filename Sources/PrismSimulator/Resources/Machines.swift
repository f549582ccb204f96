/// VMs as a whole: read, made, changed, deleted, switched.
extension World {
    static let machineRoutes: [Route] = [
        Route("listVMs", "GET /vmm/ahv/config/vms", "vmm.v4.ahv.config.ListVmsApiResponse Vm") { world, _ in
            let fields = ["name", "extId", "cluster/extId", "host/extId", "powerState", "machineType"]
            return .list(world.all(.vm).map(\.body), fields: fields)
        },
        Route("getVM", "GET /vmm/ahv/config/vms/{vm}", "vmm.v4.ahv.config.GetVmApiResponse Vm") { world, call in
            world.passHydration(call["vm"])
            let vm = try world.find(.vm, call["vm"])
            return .entity(vm.body, etag: vm.etag)
        },
        Route(
            "createVM", "POST /vmm/ahv/config/vms", "vmm.v4.ahv.config.CreateVmApiResponse",
            body: "vmm.v4.ahv.config.Vm"
        ) { world, call in try world.createMachine(call) },
        Route(
            "updateVM", "PUT /vmm/ahv/config/vms/{vm}", "vmm.v4.ahv.config.UpdateVmApiResponse",
            body: "vmm.v4.ahv.config.Vm", ifMatch: .matches(.vm, parameter: "vm")
        ) { world, call in try world.updateMachine(call) },
        Route(
            "deleteVM", "DELETE /vmm/ahv/config/vms/{vm}", "vmm.v4.ahv.config.DeleteVmApiResponse",
            ifMatch: .matches(.vm, parameter: "vm")
        ) { world, call in
            let vm = try world.find(.vm, call["vm"])
            return world.start(call, "DeleteVm", clusters: vm.clusters) { world in
                await world.deleteMachine(vm.id)
                var result = TaskResult()
                result.add("vmm:ahv:config:vm", vm.id, vm.body["name"]?.string)
                return result
            }
        },
        Route(
            "getGuestTools", "GET /vmm/ahv/config/vms/{vm}/guest-tools",
            "vmm.v4.ahv.config.GetGuestToolsApiResponse GuestTools"
        ) { world, call in
            let vm = try world.find(.vm, call["vm"])
            return .entity(vm.body["guestTools"] ?? ["isInstalled": false, "isEnabled": false], etag: nil)
        },
        power("powerOn", "power-on", "PowerOn", to: "ON"), power("powerOff", "power-off", "PowerOff", to: "OFF"),
        power("shutdown", "shutdown", "Shutdown", to: "OFF"), power("reboot", "reboot", "Reboot", to: "ON"),
        power("reset", "reset", "Reset", to: "ON"), power("powerCycle", "power-cycle", "PowerCycle", to: "ON"),
        power("guestShutdown", "guest-shutdown", "ShutdownGuest", to: "OFF"),
        categories("associateCategories", "associate-categories", "AssociateCategories", adds: true),
        categories("disassociateCategories", "disassociate-categories", "DisassociateCategories", adds: false),
    ]

    private static func power(_ operation: String, _ action: String, _ name: String, to state: String) -> Route {
        Route(
            operation, "POST /vmm/ahv/config/vms/{vm}/$actions/\(action)", "vmm.v4.ahv.config.\(name)VmApiResponse",
            ifMatch: .matches(.vm, parameter: "vm")
        ) { world, call in
            let vm = try world.find(.vm, call["vm"])
            return world.start(call, "\(name)Vm", clusters: vm.clusters) { world in
                let isOn = world.entity(.vm, vm.id)?.body["powerState"] == "ON"
                if action == "power-on" ? isOn : !isOn {
                    throw TaskFailure(
                        code: "VMM-30102", group: "VM_INVALID_POWER_STATE",
                        message: "The VM is \(isOn ? "on" : "off") already.")
                }
                world.update(.vm, vm.id) {
                    $0.body["powerState"] = .string(state)
                    $0.body["host"] = state == "ON" ? ["extId": .string(world.hostId(of: vm.clusters.first))] : nil
                }
                var result = TaskResult()
                result.add("vmm:ahv:config:vm", vm.id, vm.body["name"]?.string)
                return result
            }
        }
    }

    private static func categories(_ operation: String, _ action: String, _ name: String, adds: Bool) -> Route {
        Route(
            operation, "POST /vmm/ahv/config/vms/{vm}/$actions/\(action)",
            "vmm.v4.ahv.config.\(name)ApiResponse",
            body: "vmm.v4.ahv.config.\(adds ? "Associate" : "Disassociate")VmCategoriesParams",
            ifMatch: .matches(.vm, parameter: "vm")
        ) { world, call in
            let vm = try world.find(.vm, call["vm"])
            let references = try world.categoryReferences(call.body)
            return world.start(call, "\(name)Vm", clusters: vm.clusters) { world in
                world.update(.vm, vm.id) {
                    let kept = ($0.body["categories"]?.elements ?? []).filter { !references.contains($0) }
                    $0.body["categories"] = .array(adds ? kept + references : kept)
                }
                var result = TaskResult()
                result.add("vmm:ahv:config:vm", vm.id, vm.body["name"]?.string)
                return result
            }
        }
    }

    /// The category references of a body, checked, without type members.
    func categoryReferences(_ body: JSONValue) throws(APIError) -> [JSONValue] {
        var references: [JSONValue] = []
        for reference in body["categories"]?.elements ?? [] {
            let category = try find(.category, reference["extId"]?.string ?? "")
            references.append(["extId": .string(category.id)])
        }
        return references
    }

    func hostId(of cluster: String?) -> String {
        all(.host).first { $0.body.at("cluster.uuid")?.string == cluster }?.id ?? ""
    }

    /// Members of a VM that a client may set.
    static let settableMembers = [
        "name", "description", "numSockets", "numCoresPerSocket", "numThreadsPerCore", "numNumaNodes",
        "memorySizeBytes", "machineType", "hardwareClockTimezone", "isVgaConsoleEnabled", "isBrandingEnabled",
        "isCpuPassthroughEnabled", "isVcpuHardPinningEnabled", "isMemoryOvercommitEnabled", "isGpuConsoleEnabled",
        "isAgentVm", "enabledCpuFeatures", "apcConfig", "project", "projectExtId", "ownershipInfo", "bootConfig",
        "vtpmConfig", "storageConfig",
    ]

    private func updateMachine(_ call: APICall) throws -> Answer {
        let vm = try find(.vm, call["vm"])
        let body = call.body
        try checkMachine(body, isNew: false)
        return start(call, "UpdateVm", clusters: vm.clusters) { world in
            world.update(.vm, vm.id) {
                for member in Self.settableMembers where body[member] != nil { $0.body[member] = body[member] }
                $0.body["updateTime"] = .string(Timestamp.now().text)
            }
            var result = TaskResult()
            result.add("vmm:ahv:config:vm", vm.id, body["name"]?.string)
            return result
        }
    }

    /// Checks what a VM body may say.
    func checkMachine(_ body: JSONValue, isNew: Bool) throws(APIError) {
        if let name = body["name"]?.string {
            if !(1...80).contains(name.count) { throw .body("/name", "1 to 80 characters are needed") }
            if name.contains(where: { $0 == "\"" || $0 == "'" }) { throw .body("/name", "quotes are not allowed") }
        } else if isNew {
            throw .body("/name", "is missing")
        }
        for (member, range) in [("numSockets", 1...240), ("memorySizeBytes", 1 << 26...1 << 45)] {
            if let value = body[member]?.int, !range.contains(value) { throw .body("/\(member)", "is out of range") }
        }
        let machine = body["machineType"]?.string
        if let machine, !["PC", "Q35", "PSERIES"].contains(machine) { throw .body("/machineType", "is not known") }
        if body.at("bootConfig.isSecureBootEnabled")?.bool == true, machine != "Q35" {
            throw .invalid("Secure boot needs the machine type Q35.")
        }
    }

    func deleteMachine(_ id: String) async {
        guard let vm = entity(.vm, id) else { return }
        for disk in vm.body["disks"]?.elements ?? [] {
            guard let group = disk.at("backingInfo.volumeGroupExtId")?.string else { continue }
            removeAttachment(of: id, from: group)
        }
        remove(.vm, id)
        await disks.remove(vm.ownDisks + [vm.hidden["nvram"]?.string].compactMap(\.self))
    }

    private func passHydration(_ id: String) {
        guard let reads = entity(.vm, id)?.hidden["hydrationReads"]?.int, reads > 0 else { return }
        note(.vm, id) {
            $0.hidden["hydrationReads"] = .int(reads - 1)
            if reads == 1 {
                $0.body["disks"] = .array(
                    ($0.body["disks"]?.elements ?? []).map { disk in
                        var disk = disk
                        disk["backingInfo"]?["vmDiskHydrationInfo"] = nil
                        return disk
                    })
            }
        }
    }
}

extension Entity {
    /// The cluster the entity lives on, as a list.
    var clusters: [String] {
        [body.at("cluster.extId")?.string ?? body["clusterReference"]?.string].compactMap(\.self)
    }

    /// The ids of a VM's disks that are its own: not those of an attached volume group.
    var ownDisks: [String] {
        (body["disks"]?.elements ?? []).compactMap { $0.at("backingInfo.diskExtId")?.string }
    }
}
