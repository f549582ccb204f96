/// A size of virtual machines.
struct VMSize: Sendable {
    var name: String
    var family: String
    var cores: Int
    /// In GiB.
    var memory: Double
    var dataDisks: Int
    var interfaces: Int
    var generations = ["V1", "V2"]
    var takesPremium = true
    var takesAcceleration = true
    /// Whether disks are on NVMe only.
    var isNVMe = false

    /// `D2s_v5`.
    var short: String { String(name.dropFirst("Standard_".count)) }

    /// The sizes that there are.
    static let catalog: [VMSize] = {
        var sizes = [
            VMSize(
                name: "Standard_A1_v2", family: "standardAv2Family", cores: 1, memory: 2, dataDisks: 2, interfaces: 2,
                generations: ["V1"], takesPremium: false, takesAcceleration: false),
            VMSize(
                name: "Standard_A4_v2", family: "standardAv2Family", cores: 4, memory: 8, dataDisks: 8, interfaces: 4,
                generations: ["V1"], takesPremium: false, takesAcceleration: false),
            VMSize(
                name: "Standard_B1s", family: "standardBSFamily", cores: 1, memory: 1, dataDisks: 2, interfaces: 2,
                takesAcceleration: false),
            VMSize(
                name: "Standard_B2s", family: "standardBSFamily", cores: 2, memory: 4, dataDisks: 4, interfaces: 3,
                takesAcceleration: false),
            VMSize(
                name: "Standard_B4ms", family: "standardBSFamily", cores: 4, memory: 16, dataDisks: 8, interfaces: 4,
                takesAcceleration: false),
            VMSize(
                name: "Standard_DC2as_v5", family: "standardDCASv5Family", cores: 2, memory: 8, dataDisks: 4,
                interfaces: 2, generations: ["V2"], takesAcceleration: false),
        ]
        for cores in [2, 4, 8, 16, 32, 48, 64, 96] {
            let (disks, interfaces) = (min(32, cores * 2), min(8, max(2, cores / 2)))
            sizes.append(
                VMSize(
                    name: "Standard_D\(cores)s_v5", family: "standardDSv5Family", cores: cores,
                    memory: Double(cores * 4), dataDisks: disks, interfaces: interfaces))
            sizes.append(
                VMSize(
                    name: "Standard_E\(cores)s_v5", family: "standardESv5Family", cores: cores,
                    memory: Double(min(672, cores * 8)), dataDisks: disks, interfaces: interfaces))
            sizes.append(
                VMSize(
                    name: "Standard_F\(cores)s_v2", family: "standardFSv2Family", cores: cores,
                    memory: Double(cores * 2), dataDisks: disks, interfaces: interfaces))
            sizes.append(
                VMSize(
                    name: "Standard_D\(cores)s_v6", family: "StandardDsv6Family", cores: cores,
                    memory: Double(cores * 4), dataDisks: disks, interfaces: interfaces, generations: ["V2"],
                    isNVMe: true))
        }
        return sizes
    }()

    /// What the list of SKUs says of it.
    var capabilities: [(name: String, value: String)] {
        [
            ("vCPUs", "\(cores)"), ("vCPUsAvailable", "\(cores)"),
            ("MemoryGB", memory == memory.rounded() ? "\(Int(memory))" : "\(memory)"),
            ("MaxDataDiskCount", "\(dataDisks)"), ("MaxNetworkInterfaces", "\(interfaces)"),
            ("HyperVGenerations", generations.joined(separator: ",")), ("PremiumIO", takesPremium ? "True" : "False"),
            ("AcceleratedNetworkingEnabled", takesAcceleration ? "True" : "False"),
            ("DiskControllerTypes", isNVMe ? "NVMe" : "SCSI"), ("CpuArchitectureType", "x64"),
            ("TrustedLaunchDisabled", generations.contains("V2") ? "False" : "True"),
        ]
    }

    func isIn(_ region: CloudSettings.Region) -> Bool { !region.missing.contains { name.hasPrefix($0) } }
}
