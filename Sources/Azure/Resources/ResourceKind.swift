/// The kinds of resources that an export makes or uses.
package enum ResourceKind: String, Sendable, Codable {
    case resourceGroup, disk, virtualMachine, networkInterface, virtualNetwork, subnet, publicAddress, securityGroup
    case storageAccount
    /// Not a resource of Azure Resource Manager: kept in the journal beside them.
    case blob

    /// For people.
    package var title: String {
        switch self {
        case .resourceGroup: "resource group"
        case .disk: "managed disk"
        case .virtualMachine: "VM"
        case .networkInterface: "network interface"
        case .virtualNetwork: "virtual network"
        case .subnet: "subnet"
        case .publicAddress: "public address"
        case .securityGroup: "security group"
        case .storageAccount: "storage account"
        case .blob: "page blob"
        }
    }

    /// As ids have it, with its provider.
    var type: String {
        switch self {
        case .resourceGroup: "resourceGroups"
        case .disk: "Microsoft.Compute/disks"
        case .virtualMachine: "Microsoft.Compute/virtualMachines"
        case .networkInterface: "Microsoft.Network/networkInterfaces"
        case .virtualNetwork, .subnet: "Microsoft.Network/virtualNetworks"
        case .publicAddress: "Microsoft.Network/publicIPAddresses"
        case .securityGroup: "Microsoft.Network/networkSecurityGroups"
        case .storageAccount: "Microsoft.Storage/storageAccounts"
        case .blob: ""
        }
    }

    /// The version of the interface that we speak.
    var version: String {
        switch self {
        case .disk: "2024-03-02"
        case .virtualMachine: "2024-07-01"
        case .resourceGroup: "2021-04-01"
        case .storageAccount, .blob: "2023-05-01"
        default: "2024-05-01"
        }
    }

    /// Whether it costs money by being there.
    var isBilled: Bool {
        switch self {
        case .disk, .virtualMachine, .publicAddress, .blob: true
        default: false
        }
    }

    /// The longest name.
    var longestName: Int { self == .virtualMachine ? 64 : 80 }
}
