/// A disk of a VM that is to be made: its plan (none when it is an attached volume group) and how it will show.
struct PlannedDisk: Sendable {
    var plan: DiskPlan?
    var body: JSONValue
}

extension World {
    /// Plans the disks of a VM: addresses are given where the request leaves them out.
    func planDisks(
        _ requests: [JSONValue], cluster: String, besides existing: [JSONValue] = []
    ) throws(APIError) -> [PlannedDisk] {
        var taken = Set(existing.compactMap { $0["diskAddress"].map(Self.address) })
        for request in requests {
            if let address = request["diskAddress"], address["index"] != nil,
                !taken.insert(Self.address(address)).inserted
            {
                throw .invalid("The disk address \(Self.address(address)) is taken.")
            }
        }
        var planned: [PlannedDisk] = []
        for (index, request) in requests.enumerated() {
            let path = "/disks/\(index)/backingInfo"
            guard let backing = request["backingInfo"] else { throw .body(path, "is missing") }
            var address = request["diskAddress"] ?? [:]
            let bus = address["busType"]?.string ?? "SCSI"
            guard let limit = Self.busLimits[bus] else { throw .body("/disks/\(index)/diskAddress", "unknown bus") }
            if let wanted = address["index"]?.int, !(0..<limit).contains(wanted) {
                throw .body("/disks/\(index)/diskAddress/index", "must be below \(limit) on \(bus)")
            }
            if address["index"] == nil {
                guard let free = (0..<limit).first(where: { !taken.contains("\(bus).\($0)") }) else {
                    throw .invalid("The bus \(bus) is full.")
                }
                address = ["busType": .string(bus), "index": .int(free)]
                taken.insert("\(bus).\(free)")
            }
            address["$objectType"] = nil
            address["$reserved"] = nil
            if let group = backing["volumeGroupExtId"]?.string {
                _ = try find(.volumeGroup, group)
                planned.append(PlannedDisk(plan: nil, body: Self.groupDisk(group, address)))
                continue
            }
            let plan = try plan(backing, cluster: cluster, path: path)
            planned.append(
                PlannedDisk(
                    plan: plan,
                    body: [
                        "extId": .string(plan.id), "diskAddress": address,
                        "backingInfo": self.backing(plan, from: backing),
                    ]))
        }
        return planned
    }

    static func groupDisk(_ group: String, _ address: JSONValue) -> JSONValue {
        [
            "extId": .string(Identity.random()), "diskAddress": address,
            "backingInfo": [
                "$objectType": "vmm.v4.ahv.config.ADSFVolumeGroupReference", "volumeGroupExtId": .string(group),
            ],
        ]
    }

    /// Devices a bus takes.
    static let busLimits = ["SCSI": 256, "PCI": 7, "SATA": 6, "IDE": 4]

    static func address(_ value: JSONValue) -> String {
        "\(value["busType"]?.string ?? "SCSI").\(value["index"]?.int ?? 0)"
    }

    /// Plans CD-ROM drives; only an image can be in them.
    func planDrives(_ requests: [JSONValue]) throws(APIError) -> [JSONValue] {
        var drives: [JSONValue] = []
        for (index, request) in requests.enumerated() {
            var drive: JSONValue = ["extId": .string(Identity.random())]
            drive["diskAddress"] = [
                "busType": .string(request.at("diskAddress.busType")?.string ?? "IDE"),
                "index": .int(request.at("diskAddress.index")?.int ?? index),
            ]
            drive["isoType"] = request["isoType"] ?? "OTHER"
            if let image = request.at("backingInfo.dataSource.reference.imageExtId")?.string {
                let size = try find(.image, image).body["sizeBytes"] ?? 0
                drive["backingInfo"] = [
                    "$objectType": "vmm.v4.ahv.config.VmDisk", "diskExtId": .string(Identity.random()),
                    "diskSizeBytes": size,
                    "dataSource": [
                        "reference": [
                            "$objectType": "vmm.v4.ahv.config.ImageReference", "imageExtId": .string(image),
                        ]
                    ],
                ]
            }
            drives.append(drive)
        }
        return drives
    }

    /// A NIC as it will show: in the old and, for newer clients, in the new form.
    func plannedNIC(_ request: JSONValue, cluster: String, path: String) throws(APIError) -> JSONValue {
        let backing = request["nicBackingInfo"] ?? request["backingInfo"] ?? [:]
        let network = request["nicNetworkInfo"] ?? request["networkInfo"] ?? [:]
        guard let subnetId = network.at("subnet.extId")?.string else { throw .body("\(path)/networkInfo", "no subnet") }
        let subnet = try find(.subnet, subnetId)
        if subnet.body["clusterReference"]?.string != cluster { throw .invalid("The subnet is on another cluster.") }
        let mac = backing["macAddress"]?.string?.lowercased() ?? Self.randomMAC()
        guard mac.split(separator: ":").count == 6, mac.count == 17 else {
            throw .body("\(path)/backingInfo/macAddress", "is no MAC address")
        }
        for vm in all(.vm) where settings.refusesDuplicateMACs {
            for nic in vm.body["nics"]?.elements ?? []
            where nic.at("backingInfo.macAddress")?.string == mac
                && nic.at("networkInfo.subnet.extId") == .string(subnetId)
            {
                throw .conflict("The MAC address \(mac) is in use by VM \(vm.body["name"]?.string ?? "").")
            }
        }
        return Self.nic(
            id: Identity.random(), mac: mac, subnet: subnetId, isConnected: backing["isConnected"]?.bool ?? true,
            model: backing["model"]?.string ?? "VIRTIO", network: network)
    }

    static func nic(
        id: String, mac: String, subnet: String, isConnected: Bool, model: String, network: JSONValue
    ) -> JSONValue {
        let device: JSONValue = [
            "model": .string(model), "macAddress": .string(mac), "isConnected": .bool(isConnected), "numQueues": 1,
        ]
        var link: JSONValue = [
            "nicType": "NORMAL_NIC", "subnet": ["extId": .string(subnet)], "vlanMode": "ACCESS",
            "shouldAllowUnknownMacs": false,
        ]
        for member in ["nicType", "vlanMode", "trunkedVlans", "ipv4Config", "ipv4Info"] where network[member] != nil {
            link[member] = network[member]
        }
        var newDevice = device
        newDevice["$objectType"] = "vmm.v4.ahv.config.VirtualEthernetNic"
        var newLink = link
        newLink["$objectType"] = "vmm.v4.ahv.config.VirtualEthernetNicNetworkInfo"
        return [
            "extId": .string(id), "backingInfo": device, "networkInfo": link, "nicBackingInfo": newDevice,
            "nicNetworkInfo": newLink,
        ]
    }

    static func randomMAC() -> String {
        let digits = Array(Identity.random().filter(\.isHexDigit))
        return "50:6b:8d:" + stride(from: 0, to: 6, by: 2).map { String(digits[$0...$0 + 1]) }.joined(separator: ":")
    }
}
