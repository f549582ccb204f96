package import Engine

/// What an identity must be allowed to do for an export: the least that works.
package enum AzureRole {
    /// For the resource group that VMs are made in. The last two may be left out; then whether a size can be had shows when
    /// the VM is made. They count for the subscription.
    package static let actions = [
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        "Microsoft.Compute/disks/read",
        "Microsoft.Compute/disks/write",
        "Microsoft.Compute/disks/delete",
        "Microsoft.Compute/disks/beginGetAccess/action",
        "Microsoft.Compute/disks/endGetAccess/action",
        "Microsoft.Compute/virtualMachines/read",
        "Microsoft.Compute/virtualMachines/write",
        "Microsoft.Compute/virtualMachines/delete",
        "Microsoft.Compute/virtualMachines/deallocate/action",
        "Microsoft.Network/networkInterfaces/read",
        "Microsoft.Network/networkInterfaces/write",
        "Microsoft.Network/networkInterfaces/delete",
        "Microsoft.Network/networkInterfaces/join/action",
        "Microsoft.Network/virtualNetworks/read",
        "Microsoft.Network/virtualNetworks/subnets/join/action",
        "Microsoft.Compute/skus/read",
        "Microsoft.Compute/locations/usages/read",
    ]

    /// Besides, where VMs get public addresses.
    package static let publicAddressActions = [
        "Microsoft.Network/publicIPAddresses/read",
        "Microsoft.Network/publicIPAddresses/write",
        "Microsoft.Network/publicIPAddresses/delete",
        "Microsoft.Network/publicIPAddresses/join/action",
    ]

    /// Besides, where interfaces get a security group that is there.
    package static let securityGroupActions = [
        "Microsoft.Network/networkSecurityGroups/read",
        "Microsoft.Network/networkSecurityGroups/join/action",
    ]

    /// Besides, where what is missing of the network is made, and taken back.
    package static let networkActions = [
        "Microsoft.Network/virtualNetworks/write",
        "Microsoft.Network/virtualNetworks/delete",
        "Microsoft.Network/virtualNetworks/subnets/write",
        "Microsoft.Network/virtualNetworks/subnets/delete",
        "Microsoft.Network/networkSecurityGroups/write",
        "Microsoft.Network/networkSecurityGroups/delete",
    ]

    /// Besides, for disks by way of page blobs; the data themselves need `Storage Blob Data Contributor` on the container.
    package static let pageBlobActions = ["Microsoft.Storage/storageAccounts/read"]

    /// The definition of a role, as `az role definition create --role-definition` takes it.
    package static func definition(_ actions: [String] = actions, subscription: String) -> JSONValue {
        [
            "Name": "AHVault Export", "IsCustom": true, "Description": "Makes VMs of restore points",
            "Actions": .array(actions.map { .string($0) }), "NotActions": [],
            "AssignableScopes": [.string("/subscriptions/\(subscription)")],
        ]
    }
}
