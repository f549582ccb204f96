/// Virtual networks and their subnets.
extension Cloud {
    func subnets(of id: ResourceID) -> [Resource] {
        resources.values.filter { $0.id.network?.key == id.key }.sorted { $0.id.key < $1.id.key }
    }

    func prepareNetwork(_ network: inout Resource, _ old: Resource?, _ request: ManagementRequest) throws(AzureError) {
        let prefixes = network.properties["addressSpace", "addressPrefixes"].values
        guard !prefixes.isEmpty else {
            throw AzureError(
                400, "InvalidRequestFormat", "The virtual network \(network.id.name) has no address prefixes.")
        }
        let space = try Self.ranges(prefixes, network.id)
        let wanted = network.properties["subnets"]
        var made: [Resource] = []
        for entry in wanted.values {
            guard let name = entry["name"].text, !name.isEmpty else {
                throw AzureError(400, "InvalidRequestFormat", "A subnet of \(network.id.name) has no name.")
            }
            var subnet = Resource(
                id: ResourceID(
                    subscription: network.id.subscription, group: network.id.group, kind: .subnet,
                    parent: network.id.name, name: name),
                location: network.location, properties: entry["properties"], asked: entry)
            try check(&subnet, space: space, beside: made)
            made.append(subnet)
        }
        let kept = Set(made.map(\.id.key))
        let gone = wanted.isNull ? [] : subnets(of: network.id).filter { !kept.contains($0.id.key) }
        for subnet in gone where interfaces.contains(where: { references(of: $0, "subnet").contains(subnet.id) }) {
            throw AzureError(
                400, "InUseSubnetCannotBeDeleted", "Subnet \(subnet.id.name) is in use and cannot be deleted.")
        }
        if old == nil { try checkQuota("VirtualNetworks", adding: 1, in: network.location) }
        for subnet in gone { resources[subnet.id.key] = nil }
        for subnet in made { resources[subnet.id.key] = subnet }
        network.properties["subnets"] = .null
    }

    func prepareSubnet(_ subnet: inout Resource) throws(AzureError) {
        guard let parent = subnet.id.network, let network = resources[parent.key] else { throw .noResource(subnet.id) }
        let space = try Self.ranges(network.properties["addressSpace", "addressPrefixes"].values, parent)
        let own = subnet.id.key
        try check(&subnet, space: space, beside: subnets(of: parent).filter { $0.id.key != own })
    }

    private func check(_ subnet: inout Resource, space: [AddressRange], beside others: [Resource]) throws(AzureError) {
        let first = subnet.properties["addressPrefixes"].values.first ?? .null
        let prefix = subnet.properties["addressPrefix"].text ?? first.text
        guard let range = AddressRange(prefix) else {
            throw AzureError(
                400, "InvalidCIDRNotation",
                "The address prefix \(prefix ?? "") in resource \(subnet.id.text) has an invalid CIDR notation.")
        }
        guard space.contains(where: { $0.contains(range) }) else {
            throw AzureError(
                400, "NetcfgInvalidSubnet",
                "Subnet '\(subnet.id.name)' is not valid because its IP address range is outside the IP address range of "
                    + "virtual network '\(subnet.id.parent ?? "")'.")
        }
        for other in others where AddressRange(other.properties["addressPrefix"].text)?.overlaps(range) == true {
            throw AzureError(
                400, "NetcfgSubnetRangesOverlap",
                "Subnet '\(subnet.id.name)' is not valid because its IP address range overlaps with that of an existing "
                    + "subnet in virtual network '\(subnet.id.parent ?? "")'.")
        }
        if let text = subnet.properties["networkSecurityGroup", "id"].text {
            guard let id = ResourceID(text), resources[id.key] != nil else {
                throw .invalidReference(text, by: subnet.id)
            }
        }
        subnet.properties["addressPrefix"] = prefix.map { .text($0) } ?? .null
    }

    private static func ranges(_ prefixes: [JSON], _ id: ResourceID) throws(AzureError) -> [AddressRange] {
        var ranges: [AddressRange] = []
        for prefix in prefixes {
            guard let range = AddressRange(prefix.text) else {
                throw AzureError(
                    400, "InvalidCIDRNotation",
                    "The address prefix \(prefix.text ?? "") in resource \(id.text) has an invalid CIDR notation.")
            }
            ranges.append(range)
        }
        return ranges
    }
}
