/// Which sizes there are, and how much of them is left.
extension Cloud {
    /// All SKUs, or with `$filter=location eq 'westeurope'` those of a region.
    func skus(_ request: ManagementRequest) throws(AzureError) -> [JSON] {
        let wanted = try Self.rules(request.call.parameter("$filter") ?? "")["location"]
        let regions = settings.regions.filter { wanted == nil || $0.name == wanted?.lowercased() }
        return regions.flatMap { region in
            VMSize.catalog.map { Self.sku($0, region) } + DiskSKU.allCases.map { Self.sku($0, region) }
        }
    }

    private static func sku(_ size: VMSize, _ region: CloudSettings.Region) -> JSON {
        let restriction: JSON = [
            "type": "Location", "values": [.text(region.name)],
            "restrictionInfo": ["locations": [.text(region.name)]], "reasonCode": "NotAvailableForSubscription",
        ]
        return [
            "resourceType": "virtualMachines", "name": .text(size.name), "tier": "Standard", "size": .text(size.short),
            "family": .text(size.family), "locations": [.text(region.name)],
            "locationInfo": [
                ["location": .text(region.name), "zones": .array(region.zones.map { .text($0) }), "zoneDetails": []]
            ],
            "capabilities": .array(size.capabilities.map { ["name": .text($0.name), "value": .text($0.value)] }),
            "restrictions": size.isIn(region) ? [] : [restriction],
        ]
    }

    private static func sku(_ sku: DiskSKU, _ region: CloudSettings.Region) -> JSON {
        [
            "resourceType": "disks", "name": .text(sku.rawValue), "tier": .text(sku.tier),
            "locations": [.text(region.name)], "capabilities": [], "restrictions": [],
        ]
    }

    func sizes(_ name: String) throws(AzureError) -> [JSON] {
        let region = try region(name, for: .virtualMachine)
        return VMSize.catalog.filter { $0.isIn(region) }.map { size in
            [
                "name": .text(size.name), "numberOfCores": .number(size.cores),
                "memoryInMB": .number(Int(size.memory * 1024)), "maxDataDiskCount": .number(size.dataDisks),
                "osDiskSizeInMB": 1_047_552, "resourceDiskSizeInMB": 0,
            ]
        }
    }

    // MARK: Usages

    func usages(_ namespace: String, _ name: String) throws(AzureError) -> [JSON] {
        let isCompute = namespace.lowercased() == "microsoft.compute"
        let region = try region(name, for: isCompute ? .virtualMachine : .networkInterface)
        let own = ["VirtualNetworks", "NetworkInterfaces", "NetworkSecurityGroups", "PublicIPAddresses"]
        let families = Set(VMSize.catalog.map(\.family)).sorted()
        let names = isCompute ? ["cores", "virtualMachines", "Disks"] + families : own
        return names.map { usage in
            [
                "unit": "Count", "currentValue": .number(used(usage, in: region.name)),
                "limit": .number(settings.quotas[usage] ?? 100_000),
                "name": ["value": .text(usage), "localizedValue": .text(usage)],
            ]
        }
    }

    func used(_ usage: String, in region: String) -> Int {
        let here = resources.values.filter { $0.location == region }
        let machines = here.filter { $0.id.kind == .virtualMachine }
        switch usage {
        case "virtualMachines": return machines.count
        case "Disks": return here.count { $0.id.kind == .disk }
        case "VirtualNetworks": return here.count { $0.id.kind == .virtualNetwork }
        case "NetworkInterfaces": return here.count { $0.id.kind == .networkInterface }
        case "NetworkSecurityGroups": return here.count { $0.id.kind == .securityGroup }
        case "PublicIPAddresses": return here.count { $0.id.kind == .publicAddress }
        default:
            let sizes = machines.compactMap { size($0.properties["hardwareProfile", "vmSize"].text ?? "") }
            return sizes.filter { usage == "cores" || $0.family == usage }.reduce(0) { $0 + $1.cores }
        }
    }

    func size(_ name: String) -> VMSize? { VMSize.catalog.first { $0.name.lowercased() == name.lowercased() } }

    /// - Throws: 409, when there would be more than are allowed.
    func checkQuota(_ usage: String, adding more: Int, in region: String) throws(AzureError) {
        guard more > 0, let limit = settings.quotas[usage] else { return }
        let current = used(usage, in: region)
        guard current + more > limit else { return }
        let isRegional = usage == "cores"
        throw AzureError(
            409, isRegional ? "OperationNotAllowed" : "QuotaExceeded",
            "Operation could not be completed as it results in exceeding approved "
                + "\(isRegional ? "Total Regional Cores" : usage) quota. Additional details - Deployment Model: Resource "
                + "Manager, Location: \(region), Current Limit: \(limit), Current Usage: \(current), Additional Required: "
                + "\(more), (Minimum) New Limit Required: \(current + more).")
    }
}
