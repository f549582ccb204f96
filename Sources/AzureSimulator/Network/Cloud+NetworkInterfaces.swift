/// Network interfaces.
extension Cloud {
    var interfaces: [Resource] { resources.values.filter { $0.id.kind == .networkInterface } }

    /// The ids that the configurations of an interface name by a member: `subnet`, `publicIPAddress`.
    func references(of interface: Resource, _ member: String) -> [ResourceID] {
        interface.properties["ipConfigurations"].values.compactMap { ResourceID($0["properties", member, "id"].text) }
    }

    func prepareInterface(
        _ interface: inout Resource, _ old: Resource?, _ request: ManagementRequest
    ) throws(AzureError) {
        var configurations = interface.properties["ipConfigurations"].values
        guard !configurations.isEmpty else {
            throw AzureError(
                400, "NetworkInterfaceMustHaveAtLeastOneIpConfiguration",
                "Network interface \(interface.id.name) must have at least one IP configuration.")
        }
        let primary = configurations.count { $0["properties", "primary"].flag == true }
        guard primary == 1 || (primary == 0 && configurations.count == 1) else {
            throw AzureError(
                400, "NetworkInterfaceMustHaveOneIpConfigurationAsPrimary",
                "Network interface \(interface.id.name) must have one IP configuration as primary.")
        }
        try checkSecurityGroup(interface, request)
        for index in configurations.indices {
            configurations[index] = try configured(
                configurations[index], interface, Array(configurations[..<index]), request)
        }
        if old == nil { try checkQuota("NetworkInterfaces", adding: 1, in: interface.location) }
        interface.properties["ipConfigurations"] = .array(configurations)
        interface.properties["resourceGuid"] = old?.properties["resourceGuid"] ?? .text(Front.newID())
        for name in ["virtualMachine", "macAddress"] { interface.properties[name] = old?.properties[name] ?? .null }
        if interface.properties["enableAcceleratedNetworking"].isNull {
            interface.properties["enableAcceleratedNetworking"] = false
        }
    }

    private func checkSecurityGroup(_ interface: Resource, _ request: ManagementRequest) throws(AzureError) {
        guard let text = interface.properties["networkSecurityGroup", "id"].text else { return }
        let group = try referenced(text, .securityGroup, by: interface)
        try request.requireLinked("Microsoft.Network/networkSecurityGroups/join/action", group.id)
    }

    /// One configuration, with its address.
    private func configured(
        _ configuration: JSON, _ interface: Resource, _ before: [JSON], _ request: ManagementRequest
    ) throws(AzureError) -> JSON {
        guard let name = configuration["name"].text, !name.isEmpty else {
            throw AzureError(400, "InvalidRequestFormat", "An IP configuration of \(interface.id.name) has no name.")
        }
        var properties = configuration["properties"]
        guard let text = properties["subnet", "id"].text else {
            throw AzureError(
                400, "InvalidRequestFormat", "The IP configuration \(name) of \(interface.id.name) has no subnet.")
        }
        let subnet = try referenced(text, .subnet, by: interface)
        try request.requireLinked("Microsoft.Network/virtualNetworks/subnets/join/action", subnet.id)
        try checkPublicAddress(properties["publicIPAddress", "id"].text, interface, request)
        let used = addresses(of: subnet.id, besides: interface.id)
            .union(before.compactMap { AddressRange.number($0["properties", "privateIPAddress"].text ?? "") })
        let kept = keptAddress(name, interface, subnet.id, used)
        let address = if let kept { kept } else { try address(properties, in: subnet, used) }
        properties["privateIPAddress"] = .text(AddressRange.text(address))
        properties["privateIPAllocationMethod"] =
            properties["privateIPAllocationMethod"].text.map { .text($0) } ?? "Dynamic"
        properties["provisioningState"] = "Succeeded"
        var configuration = configuration
        configuration["id"] = "\(interface.id.text)/ipConfigurations/\(name)"
        configuration["properties"] = properties
        return configuration
    }

    /// The address that a configuration has already, unless it is to be another.
    private func keptAddress(_ name: String, _ interface: Resource, _ subnet: ResourceID, _ used: Set<UInt32>)
        -> UInt32?
    {
        let wanted = interface.properties["ipConfigurations"].values.first { $0["name"].text == name }
        guard wanted?["properties", "privateIPAllocationMethod"].text != "Static",
            let old = resources[interface.id.key],
            let entry = old.properties["ipConfigurations"].values.first(where: { $0["name"].text == name }),
            ResourceID(entry["properties", "subnet", "id"].text)?.key == subnet.key
        else { return nil }
        return AddressRange.number(entry["properties", "privateIPAddress"].text ?? "").flatMap {
            used.contains($0) ? nil : $0
        }
    }

    private func address(_ properties: JSON, in subnet: Resource, _ used: Set<UInt32>) throws(AzureError) -> UInt32 {
        guard let range = AddressRange(subnet.properties["addressPrefix"].text) else {
            throw AzureError(400, "SubnetIsFull", "Subnet \(subnet.id.name) has no addresses.")
        }
        guard properties["privateIPAllocationMethod"].text == "Static" else {
            guard let free = range.usable.first(where: { !used.contains($0) }) else {
                throw AzureError(
                    400, "SubnetIsFull",
                    "Subnet \(subnet.id.name) with address prefix \(subnet.properties["addressPrefix"].text ?? "") does not "
                        + "have enough capacity for 1 IP addresses.")
            }
            return free
        }
        guard let text = properties["privateIPAddress"].text, let address = AddressRange.number(text),
            range.usable.contains(address)
        else {
            throw AzureError(
                400, "PrivateIPAddressNotInSubnet",
                "Private static IP address \(properties["privateIPAddress"].text ?? "") does not belong to the range of "
                    + "subnet prefix \(subnet.properties["addressPrefix"].text ?? "").")
        }
        guard !used.contains(address) else {
            throw AzureError(400, "PrivateIPAddressIsAllocated", "IP address \(text) is already allocated.")
        }
        return address
    }

    private func addresses(of subnet: ResourceID, besides own: ResourceID) -> Set<UInt32> {
        var found: Set<UInt32> = []
        for interface in interfaces where interface.id.key != own.key {
            for entry in interface.properties["ipConfigurations"].values
            where ResourceID(entry["properties", "subnet", "id"].text)?.key == subnet.key {
                if let number = AddressRange.number(entry["properties", "privateIPAddress"].text ?? "") {
                    found.insert(number)
                }
            }
        }
        return found
    }

    private func checkPublicAddress(
        _ text: String?, _ interface: Resource, _ request: ManagementRequest
    ) throws(AzureError) {
        guard let text else { return }
        let address = try referenced(text, .publicAddress, by: interface)
        try request.requireLinked("Microsoft.Network/publicIPAddresses/join/action", address.id)
        let user = interfaces.first { other in
            other.id.key != interface.id.key
                && references(of: other, "publicIPAddress").contains { $0.key == address.id.key }
        }
        guard let user else { return }
        throw AzureError(
            400, "PublicIPAddressInUse",
            "Resource \(interface.id.text) is referencing public IP address \(address.id.text) that is already allocated to "
                + "resource \(user.id.text).")
    }

    /// A resource of the network that another names.
    ///
    /// - Throws: when it is not there, elsewhere, or not ready.
    func referenced(_ text: String, _ kind: ResourceKind, by user: Resource) throws(AzureError) -> Resource {
        guard let id = ResourceID(text), id.kind == kind, let found = resources[id.key], found.location == user.location
        else { throw .invalidReference(text, by: user.id) }
        let whole = id.network.flatMap { resources[$0.key] } ?? found
        guard whole.isReady, found.isReady else {
            throw AzureError(
                429, "ReferencedResourceNotProvisioned",
                "Cannot proceed with operation because resource \(id.text) used by resource \(user.id.text) is not in "
                    + "Succeeded state. Resource is in \(whole.isReady ? found.state : whole.state) state."
            ).sending("Retry-After", "1")
        }
        return found
    }
}
