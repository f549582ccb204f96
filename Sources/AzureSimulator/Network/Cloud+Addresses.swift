/// Public addresses and security groups.
extension Cloud {
    func preparePublicAddress(_ address: inout Resource, _ old: Resource?) throws(AzureError) {
        let sku = address.sku["name"].text ?? "Basic"
        guard ["Basic", "Standard"].contains(sku) else {
            throw AzureError(400, "InvalidRequestFormat", "The SKU '\(sku)' of a public IP address is not known.")
        }
        guard sku == "Standard" else {
            throw AzureError(
                400, "IPv4BasicSkuPublicIpCountLimitReached",
                "Cannot create more than 0 IPv4 Basic SKU public IP addresses for this subscription in this region.")
        }
        guard address.properties["publicIPAllocationMethod"].text == "Static" else {
            throw AzureError(
                400, "StandardSkuPublicIPAddressesMustBeStatic",
                "Standard sku publicIp \(address.id.text) must have AllocationMethod set to Static.")
        }
        if old == nil { try checkQuota("PublicIPAddresses", adding: 1, in: address.location) }
        address.sku = ["name": "Standard", "tier": "Regional"]
        address.properties["publicIPAddressVersion"] = "IPv4"
        // Addresses of the range that is kept for documentation (RFC 5737).
        let number = 1 + resources.values.count { $0.id.kind == .publicAddress } % 250
        address.properties["ipAddress"] = old?.properties["ipAddress"] ?? "203.0.113.\(number)"
        address.properties["resourceGuid"] = old?.properties["resourceGuid"] ?? .text(Front.newID())
    }

    func prepareSecurityGroup(_ group: inout Resource) throws(AzureError) {
        var seen: Set<String> = []
        for rule in group.properties["securityRules"].values {
            let properties = rule["properties"]
            let name = rule["name"].text ?? ""
            guard !name.isEmpty else { throw AzureError(400, "InvalidRequestFormat", "A security rule has no name.") }
            guard let priority = properties["priority"].number, (100...4096).contains(priority) else {
                throw AzureError(
                    400, "SecurityRuleInvalidPriority",
                    "Security rule \(name) has an invalid priority. Value must be in the range 100..4096.")
            }
            for (member, values) in [
                ("direction", ["Inbound", "Outbound"]), ("access", ["Allow", "Deny"]),
                ("protocol", ["*", "Tcp", "Udp", "Icmp", "Esp", "Ah"]),
            ] {
                guard let value = properties[member].text, values.contains(value) else {
                    throw AzureError(
                        400, "SecurityRuleParameterInvalid", "Security rule \(name) has an invalid \(member).")
                }
            }
            let place = "\(properties["direction"].text ?? "") \(priority)"
            guard seen.insert(place).inserted else {
                throw AzureError(
                    400, "SecurityRuleConflict",
                    "Security rule \(name) conflicts with another: rules cannot have the same priority and direction.")
            }
        }
    }

    /// The ids of what names a security group.
    func users(ofSecurityGroup id: ResourceID) -> [String] {
        resources.values.filter { resource in
            [.networkInterface, .subnet].contains(resource.id.kind)
                && ResourceID(resource.properties["networkSecurityGroup", "id"].text)?.key == id.key
        }.map(\.id.text)
    }
}
