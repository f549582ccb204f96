/// A VM of a lab file as an entity, its disks as files.
extension World {
    func seed(_ machine: LabMachine) async throws {
        guard let cluster = lab.clusters.first(where: { $0.name == machine.cluster }) else { return }
        let now = Timestamp.now().text
        var body: JSONValue = [
            "extId": .string(machine.extId), "name": .string(machine.name), "createTime": .string(now),
            "updateTime": .string(now), "numSockets": .int(machine.sockets), "numCoresPerSocket": .int(machine.cores),
            "numThreadsPerCore": 1, "numNumaNodes": 0, "memorySizeBytes": .int(machine.memory),
            "isVcpuHardPinningEnabled": false, "isCpuPassthroughEnabled": false, "isMemoryOvercommitEnabled": false,
            "isGpuConsoleEnabled": false, "isCpuHotplugEnabled": true, "isScsiControllerEnabled": true,
            "isLiveMigrateCapable": true, "isCrossClusterMigrationInProgress": false,
            "generationUuid": .string(Identity.named("generation/\(machine.extId)")),
            "biosUuid": .string(machine.extId), "cluster": ["extId": .string(cluster.extId)],
            "ownershipInfo": ["owner": ["extId": .string(Identity.named("user/owner"))]],
            "hardwareClockTimezone": "UTC", "isBrandingEnabled": true, "isVgaConsoleEnabled": true,
            "machineType": .string(machine.machineType), "powerState": machine.isOn ? "ON" : "OFF",
            "vtpmConfig": ["isVtpmEnabled": .bool(machine.hasTPM), "version": "2.0"], "isAgentVm": false,
            "apcConfig": ["isApcEnabled": false], "storageConfig": ["isFlashModeEnabled": false],
            "protectionType": "UNPROTECTED", "bootConfig": Self.boot(machine.boot),
        ]
        if !machine.description.isEmpty { body["description"] = .string(machine.description) }
        if machine.isOn { body["host"] = ["extId": .string(hostId(of: cluster.extId))] }
        let categories: [JSONValue] = machine.categories.compactMap { name in
            lab.categories.first { "\($0.key):\($0.value)" == name }.map { ["extId": .string($0.extId)] }
        }
        if !categories.isEmpty { body["categories"] = .array(categories) }
        if let tools = machine.guestTools { body["guestTools"] = Self.guestTools(tools) }
        var entity = Entity(id: machine.extId, body: body, hidden: ["journal": [:]])
        var list: [JSONValue] = []
        for disk in machine.disks { list.append(try await seed(disk, of: cluster)) }
        if !list.isEmpty { entity.body["disks"] = .array(list) }
        let drives = machine.drives.map(drive)
        if !drives.isEmpty { entity.body["cdRoms"] = .array(drives) }
        let nics = machine.nics.map { nic($0, cluster: machine.cluster) }
        if !nics.isEmpty { entity.body["nics"] = .array(nics) }
        if machine.boot != .legacy {
            let nvram = Identity.named("nvram/\(machine.extId)")
            try await disks.create(nvram, size: Self.nvramSize)
            try await disks.write(nvram, Array("NVRAM of \(machine.name)".utf8), at: 0)
            entity.hidden["nvram"] = .string(nvram)
        }
        insert(.vm, entity)
    }

    private func seed(_ disk: LabMachine.Disk, of cluster: LabDescription.Cluster) async throws -> JSONValue {
        let container = cluster.containers.first { $0.name == disk.container } ?? cluster.containers.first
        let size: Int
        if let image = disk.image {
            // A raw image that ends inside a sector is padded, as an upload would be.
            let length = try await disks.create(disk.extId, from: image, size: disk.size)
            size = (length + 511) / 512 * 512
            if size > length { try await disks.grow(disk.extId, to: size) }
        } else {
            size = disk.size ?? 0
            try await disks.create(disk.extId, size: size)
        }
        return [
            "extId": .string(disk.extId),
            "diskAddress": ["busType": .string(disk.bus.wire), "index": .int(disk.index)],
            "backingInfo": [
                "$objectType": "vmm.v4.ahv.config.VmDisk", "diskExtId": .string(disk.extId),
                "diskSizeBytes": .int(size), "storageContainer": ["extId": .optional(container?.extId)],
                "storageConfig": ["isFlashModeEnabled": false], "isMigrationInProgress": false,
            ],
        ]
    }

    private func drive(_ drive: LabMachine.Drive) -> JSONValue {
        var body: JSONValue = [
            "extId": .string(drive.extId),
            "diskAddress": ["busType": .string(drive.bus.wire), "index": .int(drive.index)], "isoType": "OTHER",
        ]
        if let image = lab.images.first(where: { $0.name == drive.image }) {
            body["backingInfo"] = [
                "$objectType": "vmm.v4.ahv.config.VmDisk", "diskExtId": .string(drive.extId),
                "diskSizeBytes": .int(image.size),
                "dataSource": [
                    "reference": [
                        "$objectType": "vmm.v4.ahv.config.ImageReference", "imageExtId": .string(image.extId),
                    ]
                ],
            ]
        }
        return body
    }

    private func nic(_ nic: LabMachine.NIC, cluster: String) -> JSONValue {
        let subnet = lab.subnets.first { $0.name == nic.subnet && $0.cluster == cluster }
        var network: JSONValue = [:]
        if let address = nic.address {
            network["ipv4Info"] = ["learnedIpAddresses": [["value": .string(address), "prefixLength": 32]]]
        }
        return Self.nic(
            id: nic.extId, mac: nic.mac, subnet: subnet?.extId ?? "", isConnected: nic.isConnected, model: "VIRTIO",
            network: network)
    }

    private static func boot(_ boot: LabMachine.Boot) -> JSONValue {
        let order: JSONValue = ["CDROM", "DISK", "NETWORK"]
        if boot == .legacy { return ["$objectType": "vmm.v4.ahv.config.LegacyBoot", "bootOrder": order] }
        return [
            "$objectType": "vmm.v4.ahv.config.UefiBoot", "isSecureBootEnabled": .bool(boot == .secure),
            "bootOrder": order,
        ]
    }

    private static func guestTools(_ tools: LabMachine.GuestTools) -> JSONValue {
        [
            "version": "4.2", "availableVersion": "4.2", "isInstalled": .bool(tools.isInstalled),
            "isEnabled": .bool(tools.isEnabled), "isIsoInserted": false, "isReachable": .bool(tools.isReachable),
            "isVssSnapshotCapable": .bool(tools.isVSSCapable), "isVmMobilityDriversInstalled": true,
            "capabilities": tools.isVSSCapable ? ["SELF_SERVICE_RESTORE", "VSS_SNAPSHOT"] : ["SELF_SERVICE_RESTORE"],
            "guestOsVersion": .string(tools.system),
        ]
    }
}
