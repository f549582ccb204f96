package import Engine

/// The `network` block: where the VM's interface goes.
package struct NetworkChoice: Sendable, Decodable, PlacedSetting {
    package var virtualNetwork: String?
    package var subnet: String?
    /// Of the virtual network, when it is another than that of the VM.
    package var resourceGroup: String?
    package var securityGroup: String?
    package var publicIP: Bool
    /// Whether a missing virtual network, subnet or security group is made.
    package var create: Bool
    package var addressPrefix: String
    package var subnetPrefix: String

    private struct Keys: PluginSettings {
        let virtualNetwork: String?
        let subnet: String?
        let resourceGroup: String?
        let securityGroup: String?
        let publicIP: Bool
        let create: Bool
        let addressPrefix: String
        let subnetPrefix: String

        static let fields: [Field] = [
            .optional("virtualNetwork", "name of the virtual network"),
            .optional("subnet", "name of the subnet in it"),
            .optional("resourceGroup", "the virtual network's resource group, when it is another"),
            .optional("securityGroup", "name of the security group of the interface; none when absent"),
            .defaulted("publicIP", "false", "whether the VM gets a public address"),
            .defaulted("create", "false", "whether what is missing of the network is made"),
            .defaulted("addressPrefix", "10.0.0.0/16", "addresses of a virtual network that is made"),
            .defaulted("subnetPrefix", "10.0.0.0/24", "addresses of a subnet that is made"),
        ]
    }

    package init(
        virtualNetwork: String? = nil, subnet: String? = nil, resourceGroup: String? = nil,
        securityGroup: String? = nil, publicIP: Bool = false, create: Bool = false,
        addressPrefix: String = "10.0.0.0/16", subnetPrefix: String = "10.0.0.0/24"
    ) {
        self.virtualNetwork = virtualNetwork
        self.subnet = subnet
        self.resourceGroup = resourceGroup
        self.securityGroup = securityGroup
        self.publicIP = publicIP
        self.create = create
        self.addressPrefix = addressPrefix
        self.subnetPrefix = subnetPrefix
    }

    package init(placed setting: Setting, what: String) throws {
        let keys = try Keys.decode(setting)
        self.init(
            virtualNetwork: keys.virtualNetwork, subnet: keys.subnet, resourceGroup: keys.resourceGroup,
            securityGroup: keys.securityGroup, publicIP: keys.publicIP, create: keys.create,
            addressPrefix: keys.addressPrefix, subnetPrefix: keys.subnetPrefix)
    }

    package init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a network can only be decoded from settings")
    }
}
