/// The kinds of resources that there are.
enum ResourceKind: String, Sendable, CaseIterable {
    case disk = "Disk"
    case virtualMachine = "VirtualMachine"
    case networkInterface = "NetworkInterface"
    case virtualNetwork = "VirtualNetwork"
    case subnet = "Subnet"
    case publicAddress = "PublicIPAddress"
    case securityGroup = "NetworkSecurityGroup"
    case storageAccount = "StorageAccount"

    static let namespaces = ["Microsoft.Compute", "Microsoft.Network", "Microsoft.Storage"]

    var namespace: String {
        switch self {
        case .disk, .virtualMachine: "Microsoft.Compute"
        case .storageAccount: "Microsoft.Storage"
        default: "Microsoft.Network"
        }
    }

    /// As paths have it.
    var type: String {
        switch self {
        case .disk: "disks"
        case .virtualMachine: "virtualMachines"
        case .networkInterface: "networkInterfaces"
        case .virtualNetwork: "virtualNetworks"
        case .subnet: "subnets"
        case .publicAddress: "publicIPAddresses"
        case .securityGroup: "networkSecurityGroups"
        case .storageAccount: "storageAccounts"
        }
    }

    /// `Microsoft.Compute/disks`.
    var fullType: String {
        self == .subnet ? "\(namespace)/virtualNetworks/subnets" : "\(namespace)/\(type)"
    }

    var plural: String { rawValue + (rawValue.hasSuffix("s") ? "es" : "s") }

    /// The longest name.
    var longestName: Int { self == .virtualMachine ? 64 : 80 }

    static func find(_ namespace: String, _ type: String) -> ResourceKind? {
        allCases.first {
            $0.namespace.lowercased() == namespace.lowercased() && $0.type.lowercased() == type.lowercased()
        }
    }
}
