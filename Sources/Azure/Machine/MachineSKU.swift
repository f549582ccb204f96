import Engine

/// What a region's list says of a size of VMs.
struct MachineSKU: Sendable {
    let name: String
    let family: String
    let cpus: Int
    /// Bytes.
    let memory: UInt64
    let dataDisks: Int
    let generations: [String]
    let takesPremium: Bool
    let takesAcceleration: Bool
    /// Whether disks can be on SCSI, which every guest knows.
    let hasSCSI: Bool
    let isX64: Bool
    /// Whether this subscription cannot have it here.
    let isRestricted: Bool
    let restrictedZones: [String]

    init?(_ json: JSONValue) {
        guard json["resourceType"]?.string == "virtualMachines", let name = json["name"]?.string else { return nil }
        var values: [String: String] = [:]
        for capability in json["capabilities"]?.array ?? [] {
            if let key = capability["name"]?.string { values[key] = capability["value"]?.string }
        }
        self.name = name
        family = json["family"]?.string ?? ""
        cpus = values["vCPUs"].flatMap { Int($0) } ?? 0
        memory = UInt64(max(0, (values["MemoryGB"].flatMap { Double($0) } ?? 0) * 1024)) << 20
        dataDisks = values["MaxDataDiskCount"].flatMap { Int($0) } ?? 0
        generations = (values["HyperVGenerations"] ?? "V1").split(separator: ",").map(String.init)
        takesPremium = values["PremiumIO"] == "True"
        takesAcceleration = values["AcceleratedNetworkingEnabled"] == "True"
        hasSCSI = (values["DiskControllerTypes"] ?? "SCSI").contains("SCSI")
        isX64 = (values["CpuArchitectureType"] ?? "x64") == "x64"
        let restrictions = json["restrictions"]?.array ?? []
        isRestricted = restrictions.contains { $0["type"]?.string == "Location" }
        restrictedZones = restrictions.filter { $0["type"]?.string == "Zone" }
            .flatMap { $0["restrictionInfo"]?["zones"]?.array.compactMap(\.string) ?? [] }
    }
}

/// What a size must be able to do.
struct SizeNeeds: Sendable {
    let cpus: Int
    /// Bytes.
    let memory: UInt64
    let dataDisks: Int
    let generation: AzureExportRequest.Generation
    let isPremium: Bool
    let isAccelerated: Bool
    let zone: String?

    /// What speaks against a size, as a phrase; nil when nothing does.
    func objection(to sku: MachineSKU) -> String? {
        if sku.isRestricted { return "is not offered to this subscription" }
        if let zone, sku.restrictedZones.contains(zone) { return "is not offered in zone \(zone)" }
        if !sku.generations.contains(generation.rawValue) {
            return "does not start VMs of generation \(generation == .first ? 1 : 2)"
        }
        if sku.dataDisks < dataDisks { return "takes only \(sku.dataDisks) data disks" }
        if isPremium, !sku.takesPremium { return "does not take premium disks" }
        if isAccelerated, !sku.takesAcceleration { return "has no accelerated networking" }
        if !sku.hasSCSI { return "has its disks on NVMe only" }
        if !sku.isX64 { return "has other processors than x64" }
        return nil
    }
}
