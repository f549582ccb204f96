import Engine

/// What Azure Resource Manager is asked to make, as its reference has it.
struct ResourceDocuments: Sendable {
    let plan: AzurePlan
    let settings: AzureSubscription.Settings
    let group: ResourceID
    let tags: JSONValue

    private func resource(_ properties: JSONValue, _ more: [String: JSONValue] = [:], isZonal: Bool = false)
        -> JSONValue
    {
        var members: [String: JSONValue] = [
            "location": .string(plan.location), "tags": tags, "properties": properties,
        ]
        if isZonal, let zone = settings.zone { members["zones"] = [.string(zone)] }
        return .object(members.merging(more) { $1 })
    }

    var resourceGroup: JSONValue { ["location": .string(plan.location), "tags": tags] }

    // MARK: Disks

    /// A disk that takes an upload.
    func uploadedDisk(_ disk: AzurePlan.Disk) -> JSONValue {
        managedDisk(disk, ["createOption": "Upload", "uploadSizeBytes": .integer(Int64(disk.uploadSize))])
    }

    /// A disk of a page blob.
    func importedDisk(_ disk: AzurePlan.Disk, of blob: String, in account: ResourceID) -> JSONValue {
        managedDisk(
            disk,
            [
                "createOption": "Import", "sourceUri": .string(blob), "storageAccountId": .string(account.text),
            ])
    }

    private func managedDisk(_ disk: AzurePlan.Disk, _ data: JSONValue) -> JSONValue {
        var properties: [String: JSONValue] = ["creationData": data]
        if disk.isBoot {
            properties["osType"] = .string((plan.request.guest ?? .linux).rawValue)
            properties["hyperVGeneration"] = .string((plan.generation ?? .second).rawValue)
            properties["supportedCapabilities"] = [
                "architecture": "x64", "acceleratedNetwork": .bool(plan.request.acceleratedNetworking),
            ]
            if plan.request.trustedLaunch { properties["securityProfile"] = ["securityType": "TrustedLaunch"] }
        }
        return resource(
            .object(properties), ["sku": ["name": .string(settings.diskType.rawValue)]],
            isZonal: !settings.diskType.isInAllZones)
    }

    // MARK: Network

    var virtualNetwork: JSONValue {
        let subnet: JSONValue = [
            "name": .string(plan.network.subnet ?? ""),
            "properties": ["addressPrefix": .string(plan.network.subnetPrefix)],
        ]
        return resource([
            "addressSpace": ["addressPrefixes": [.string(plan.network.addressPrefix)]], "subnets": [subnet],
        ])
    }

    var subnet: JSONValue { ["properties": ["addressPrefix": .string(plan.network.subnetPrefix)]] }

    var securityGroup: JSONValue { resource(["securityRules": []]) }

    var publicAddress: JSONValue {
        resource(
            ["publicIPAllocationMethod": "Static", "publicIPAddressVersion": "IPv4"],
            ["sku": ["name": "Standard"]], isZonal: true)
    }

    func networkInterface(subnet: String, address: String?, securityGroup: String?) -> JSONValue {
        var configuration: [String: JSONValue] = [
            "primary": true, "subnet": ["id": .string(subnet)], "privateIPAllocationMethod": "Dynamic",
        ]
        if let fixed = plan.request.privateAddress {
            configuration["privateIPAllocationMethod"] = "Static"
            configuration["privateIPAddress"] = .string(fixed)
        }
        if let address { configuration["publicIPAddress"] = ["id": .string(address)] }
        var properties: [String: JSONValue] = [
            "enableAcceleratedNetworking": .bool(plan.request.acceleratedNetworking),
            "ipConfigurations": [["name": "ipconfig1", "properties": .object(configuration)]],
        ]
        if let securityGroup { properties["networkSecurityGroup"] = ["id": .string(securityGroup)] }
        return resource(.object(properties))
    }

    // MARK: The VM

    func machine(interface: String) -> JSONValue {
        var properties: [String: JSONValue] = [
            "hardwareProfile": ["vmSize": .string(plan.machineSize?.name ?? "")],
            "storageProfile": storage,
            "networkProfile": [
                "networkInterfaces": [
                    ["id": .string(interface), "properties": ["primary": true, "deleteOption": "Detach"]]
                ]
            ],
            "diagnosticsProfile": ["bootDiagnostics": ["enabled": true]],
        ]
        if plan.request.trustedLaunch {
            properties["securityProfile"] = [
                "securityType": "TrustedLaunch",
                "uefiSettings": ["secureBootEnabled": .bool(plan.request.secureBoot), "vTpmEnabled": true],
            ]
        }
        return resource(.object(properties), isZonal: true)
    }

    private var storage: JSONValue {
        var members: [String: JSONValue] = ["diskControllerType": "SCSI"]
        var data: [JSONValue] = []
        for disk in plan.disks {
            var entry: [String: JSONValue] = [
                "createOption": "Attach", "deleteOption": "Detach",
                "managedDisk": ["id": .string(ResourceID(.disk, disk.name, in: group).text)],
            ]
            if let lun = disk.lun {
                entry["lun"] = .integer(Int64(lun))
                entry["caching"] = "None"
                data.append(.object(entry))
            } else {
                entry["osType"] = .string((plan.request.guest ?? .linux).rawValue)
                entry["caching"] = "ReadWrite"
                members["osDisk"] = .object(entry)
            }
        }
        members["dataDisks"] = .array(data)
        return .object(members)
    }
}
