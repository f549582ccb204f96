extension World {
    /// POST vms.
    func createMachine(_ call: APICall) throws -> Answer {
        let body = call.body
        try checkMachine(body, isNew: true)
        let cluster = try find(.cluster, body.at("cluster.extId")?.string ?? "")
        if cluster.hidden["isCentral"] != nil { throw APIError.invalid("No VM can live on Prism Central.") }
        var machine: JSONValue = [:]
        for member in Self.settableMembers { machine[member] = body[member] }
        let id = Identity.random()
        let now = Timestamp.now().text
        for (member, value) in Self.machineDefaults where machine[member] == nil { machine[member] = value }
        machine["extId"] = .string(id)
        machine["biosUuid"] = .string(id)
        machine["generationUuid"] = .string(Identity.random())
        machine["createTime"] = .string(now)
        machine["updateTime"] = .string(now)
        machine["powerState"] = "OFF"
        machine["protectionType"] = "UNPROTECTED"
        machine["cluster"] = ["extId": .string(cluster.id)]
        let categories = try categoryReferences(body)
        if !categories.isEmpty { machine["categories"] = .array(categories) }
        let disks = try planDisks(body["disks"]?.elements ?? [], cluster: cluster.id)
        let drives = try planDrives(body["cdRoms"]?.elements ?? [])
        let nics = try (body["nics"]?.elements ?? []).enumerated().map { index, nic in
            try plannedNIC(nic, cluster: cluster.id, path: "/nics/\(index)")
        }
        var nvram: DiskPlan?
        if let source = body.at("bootConfig.nvramDevice.backingStorageInfo") {
            nvram = try plan(source, cluster: cluster.id, path: "/bootConfig/nvramDevice/backingStorageInfo")
        } else if machine.at("bootConfig.$objectType")?.string?.hasSuffix("UefiBoot") == true {
            nvram = DiskPlan(origin: .empty(size: Self.nvramSize), container: "")
        }
        machine["gpus"] = Self.numbered(body["gpus"])
        machine["serialPorts"] = Self.numbered(body["serialPorts"])
        return start(call, "CreateVm", clusters: [cluster.id]) { [machine, nvram] world in
            try await world.build(machine, id: id, disks: disks, drives: drives, nics: nics, nvram: nvram)
        }
    }

    static let nvramSize = 540_672

    private static let machineDefaults: [(String, JSONValue)] = [
        ("numSockets", 1), ("numCoresPerSocket", 1), ("numThreadsPerCore", 1), ("numNumaNodes", 0),
        ("memorySizeBytes", 1_073_741_824), ("machineType", "PC"), ("hardwareClockTimezone", "UTC"),
        ("isVgaConsoleEnabled", true), ("isBrandingEnabled", true), ("isCpuPassthroughEnabled", false),
        ("isVcpuHardPinningEnabled", false), ("isMemoryOvercommitEnabled", false), ("isGpuConsoleEnabled", false),
        ("isAgentVm", false), ("isCpuHotplugEnabled", true), ("isScsiControllerEnabled", true),
        ("isLiveMigrateCapable", true), ("isCrossClusterMigrationInProgress", false),
        ("vtpmConfig", ["isVtpmEnabled": false]), ("apcConfig", ["isApcEnabled": false]),
        ("bootConfig", ["$objectType": "vmm.v4.ahv.config.LegacyBoot", "bootOrder": ["CDROM", "DISK", "NETWORK"]]),
    ]

    private static func numbered(_ list: JSONValue?) -> JSONValue? {
        guard let elements = list?.elements, !elements.isEmpty else { return nil }
        return .array(
            elements.map { element in
                var element = element
                element["extId"] = .string(Identity.random())
                return element
            })
    }

    private func build(
        _ machine: JSONValue, id: String, disks: [PlannedDisk], drives: [JSONValue], nics: [JSONValue], nvram: DiskPlan?
    ) async throws -> TaskResult {
        var machine = machine
        var entity = Entity(id: id, body: machine)
        var result = TaskResult()
        result.add("vmm:ahv:config:vm", id, machine["name"]?.string)
        var made: [String] = []
        do {
            for disk in disks {
                guard let plan = disk.plan else { continue }
                made.append(plan.id)
                try await make(plan)
            }
            if let nvram {
                made.append(nvram.id)
                try await make(nvram)
                entity.hidden["nvram"] = .string(nvram.id)
            }
        } catch {
            await self.disks.remove(made)
            throw error
        }
        for disk in disks { result.add("vmm:ahv:config:vm:disk", disk.body["extId"]?.string ?? "") }
        for nic in nics { result.add("vmm:ahv:config:vm:nic", nic["extId"]?.string ?? "") }
        for drive in drives { result.add("vmm:ahv:config:vm:cdrom", drive["extId"]?.string ?? "") }
        if !disks.isEmpty { machine["disks"] = .array(disks.map(\.body)) }
        if !drives.isEmpty { machine["cdRoms"] = .array(drives) }
        if !nics.isEmpty { machine["nics"] = .array(nics) }
        entity.body = machine
        if disks.contains(where: { $0.plan?.isFromVolumeGroup ?? false }) {
            entity.hidden["hydrationReads"] = .int(settings.hydrationReads)
        }
        insert(.vm, entity)
        for disk in disks {
            if let group = disk.body.at("backingInfo.volumeGroupExtId")?.string {
                addAttachment(of: id, index: disk.body.at("diskAddress.index")?.int ?? 0, to: group)
            }
        }
        return result
    }
}
