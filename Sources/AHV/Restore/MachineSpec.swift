import Engine

/// A VM to be made from a captured one: what is carried over, what is mapped and what is left out.
struct MachineSpec: Sendable {
    let captured: MachineConfiguration
    let request: VMRestoreRequest
    let place: RestorePlace
    let inventory: PrismInventory
    let version: APIVersion
    /// The VM that was captured, if it is still there.
    let original: PrismMachine?

    private var record: JSONValue { captured.machine.record }

    var name: String { request.name ?? request.originalName }

    /// The VM that is replaced.
    var replaced: PrismMachine? { request.isInPlace ? original : nil }

    /// Two VMs with one hardware address disturb each other, so it is kept only where the original is not, or will
    /// not be, there.
    var keepsMACs: Bool { request.keepsMACs || original == nil || request.isInPlace }

    /// Members that mean the same on every cluster.
    private static let plain = [
        "description", "numSockets", "numCoresPerSocket", "numThreadsPerCore", "numNumaNodes", "memorySizeBytes",
        "machineType", "hardwareClockTimezone", "isVgaConsoleEnabled", "isBrandingEnabled", "isCpuPassthroughEnabled",
        "isVcpuHardPinningEnabled", "isMemoryOvercommitEnabled", "isGpuConsoleEnabled", "isAgentVm",
        "enabledCpuFeatures",
        "apcConfig",
    ]

    /// The body of the create call. Without `nics` they are added later.
    func body(group: TemporaryVolumeGroup, withNICs: Bool) -> JSONValue {
        var body = JSONValue.typed(
            "vmm.v4.ahv.config.Vm",
            [
                "name": .string(name),
                "cluster": .typed("vmm.v4.ahv.config.ClusterReference", ["extId": .string(place.cluster.id)]),
                "bootConfig": bootConfiguration, "vtpmConfig": virtualTPM,
            ])
        for member in Self.plain { body = body.setting(member, record[member].map { plain($0) }) }
        if version >= APIVersion(minor: 1) {
            let disks = zip(request.disks, group.disks).map {
                VolumeClone(disk: $1.id, group: group.id).disk(at: $0.address)
            }
            body = body.setting("disks", list(disks))
        }
        body = body.setting("categories", list(categories.found))
        body = body.setting("cdRoms", list(trays))
        body = body.setting("gpus", list(gpus))
        body = body.setting("serialPorts", list(serialPorts))
        if withNICs { body = body.setting("nics", list(nics)) }
        return body
    }

    private func list(_ items: [JSONValue]) -> JSONValue? { items.isEmpty ? nil : .array(items) }

    /// A value without the members that only a server writes.
    private func plain(_ value: JSONValue) -> JSONValue {
        guard case .object = value else { return value }
        return value.setting("$reserved", nil).setting("$unknownFields", nil)
    }

    // MARK: Boot

    private var bootConfiguration: JSONValue? {
        guard let boot = record["bootConfig"] else { return nil }
        var device = boot["bootDevice"].map { plain($0) }
        if device?.typeName == "BootDeviceNic", !keepsMACs { device = nil }
        if let address = device?["diskAddress"] { device = device?.setting("diskAddress", plain(address)) }
        // The device that holds the firmware's variables is not among the VM's disks.
        return plain(boot).setting("bootDevice", device).setting("nvramDevice", nil)
    }

    private var virtualTPM: JSONValue? {
        guard record["vtpmConfig"]?["isVtpmEnabled"]?.bool == true else { return nil }
        return .typed("vmm.v4.ahv.config.VtpmConfig", ["isVtpmEnabled": true])
    }

    // MARK: Devices

    /// Trays come back empty: what was in them belongs to the original's cluster.
    private var trays: [JSONValue] {
        captured.machine.cdRoms.compactMap { tray in
            PrismMachine.address(tray).map { address in
                .typed(
                    "vmm.v4.ahv.config.CdRom",
                    [
                        "diskAddress": .typed(
                            "vmm.v4.ahv.config.CdRomAddress",
                            ["busType": .string(address.bus.uppercased()), "index": .integer(Int64(address.index))])
                    ])
            }
        }
    }

    private var gpus: [JSONValue] {
        (record["gpus"]?.array ?? []).map { gpu in
            .typed(
                "vmm.v4.ahv.config.Gpu",
                ["mode": gpu["mode"], "vendor": gpu["vendor"], "deviceId": gpu["deviceId"]])
        }
    }

    private var serialPorts: [JSONValue] {
        (record["serialPorts"]?.array ?? []).map { port in
            .typed("vmm.v4.ahv.config.SerialPort", ["isConnected": port["isConnected"], "index": port["index"]])
        }
    }

    /// The network cards, in the form that the server's version has.
    var nics: [JSONValue] {
        captured.machine.nics.map { NetworkCard($0) }.filter(\.isVirtualEthernet).compactMap { card in
            guard let old = card.subnetID, let new = place.networks[old] else { return nil }
            return NetworkCardSpec(
                card: card, network: new, isMapped: old != new, keepsMAC: keepsMACs, version: version
            ).body
        }
    }

    // MARK: Categories

    var categories: (found: [JSONValue], missing: [String]) {
        var found: [JSONValue] = []
        var missing: [String] = []
        for id in captured.machine.categoryIDs {
            let wanted = captured.names.categories[id]
            let match: String?
            if let here = inventory.categories[id], wanted == nil || here == wanted {
                match = id
            } else {
                match = inventory.categories.first { $0.value == wanted }?.key
            }
            if let match {
                found.append(.typed("vmm.v4.ahv.config.CategoryReference", ["extId": .string(match)]))
            } else {
                missing.append(wanted.map { "\($0.key): \($0.value)" } ?? id)
            }
        }
        return (found, missing)
    }

    /// What is known beforehand to come out differently.
    var notes: [String] {
        var notes = categories.missing.map { "the category '\($0)' is not here and was left out" }
        if record["bootConfig"]?["nvramDevice"] != nil {
            notes.append("the firmware's variables start anew: the VM boots by the default path")
        }
        if virtualTPM != nil {
            notes.append("the virtual TPM starts anew: what is sealed by it (BitLocker) needs its recovery key")
        }
        let special = captured.machine.nics.filter { !NetworkCard($0).isVirtualEthernet }.count
        if special > 0 { notes.append("\(special) network card(s) of a special kind were left out: add them by hand") }
        for disk in captured.machine.disks {
            if let reason = disk.exclusion { notes.append("\(disk.address): \(reason)") }
        }
        for tray in captured.machine.cdRoms where tray["backingInfo"]?["diskSizeBytes"] != nil {
            let address = PrismMachine.address(tray).map { "\($0)" } ?? "its CD-ROM"
            notes.append("\(address): the tray is empty, its image belongs to the original's cluster")
        }
        if !keepsMACs, !captured.machine.nics.isEmpty {
            notes.append("the network cards have new hardware addresses, since the original VM is still there")
        }
        return notes
    }
}

/// One network card to be made.
struct NetworkCardSpec: Sendable {
    let card: NetworkCard
    let network: String
    /// It goes to another network than it came from.
    let isMapped: Bool
    let keepsMAC: Bool
    let version: APIVersion

    var body: JSONValue {
        let isNew = version >= APIVersion(minor: 1)
        let backing = JSONValue.typed(
            isNew ? "vmm.v4.ahv.config.VirtualEthernetNic" : "vmm.v4.ahv.config.EmulatedNic",
            [
                "model": card.model.map { .string($0) }, "macAddress": keepsMAC ? card.mac.map { .string($0) } : nil,
                "isConnected": .bool(card.isConnected), "numQueues": card.queues.map { .integer($0) },
            ])
        let info = JSONValue.typed(
            isNew ? "vmm.v4.ahv.config.VirtualEthernetNicNetworkInfo" : "vmm.v4.ahv.config.NicNetworkInfo",
            [
                "nicType": card.network?["nicType"], "vlanMode": card.network?["vlanMode"],
                "trunkedVlans": card.network?["trunkedVlans"],
                "shouldAllowUnknownMacs": card.network?["shouldAllowUnknownMacs"],
                "subnet": .typed("vmm.v4.ahv.config.SubnetReference", ["extId": .string(network)]),
                "ipv4Config": addressing,
            ])
        return .typed(
            "vmm.v4.ahv.config.Nic",
            [isNew ? "nicBackingInfo" : "backingInfo": backing, isNew ? "nicNetworkInfo" : "networkInfo": info])
    }

    /// The fixed address goes along only with the hardware address, and only to the network it belongs to.
    private var addressing: JSONValue? {
        guard let old = card.network?["ipv4Config"] else { return nil }
        var address: JSONValue?
        if keepsMAC, !isMapped, let value = old["ipAddress"]?["value"] {
            address = .typed(
                "common.v1.config.IPv4Address",
                ["value": value, "prefixLength": old["ipAddress"]?["prefixLength"]])
        }
        return .typed(
            "vmm.v4.ahv.config.Ipv4Config", ["shouldAssignIp": old["shouldAssignIp"], "ipAddress": address])
    }
}
