import Engine

/// Makes what of the network a plan says is to be made.
struct NetworkMaking: Sendable {
    let makers: ResourceMaking
    let documents: ResourceDocuments
    let plan: AzurePlan

    private func entry(_ kind: ResourceKind) -> AzurePlan.Entry? { plan.entries.first { $0.kind == kind } }

    /// The virtual network, the subnet and the security group, as far as they are missing.
    func makeShared() async throws(EngineError) {
        let network = entry(.virtualNetwork)
        if let network, network.action != .use {
            try await make(network, documents.virtualNetwork)
        } else if let subnet = entry(.subnet), subnet.action != .use {
            try await make(subnet, documents.subnet)
        }
        if let group = entry(.securityGroup), group.action != .use {
            try await make(group, documents.securityGroup)
        }
    }

    private func make(_ entry: AzurePlan.Entry, _ body: JSONValue) async throws(EngineError) {
        try await makers.make(ResourceID(kind: entry.kind, text: entry.id, name: entry.name), body)
    }

    /// The interface, and its public address.
    func makeInterface() async throws(EngineError) -> ResourceID {
        let group = makers.client.group
        var address: ResourceID?
        if plan.network.publicIP {
            let id = ResourceID(.publicAddress, "\(plan.name)-ip", in: group)
            try await makers.make(id, documents.publicAddress)
            address = id
        }
        let interface = ResourceID(.networkInterface, "\(plan.name)-nic", in: group)
        try await makers.make(
            interface,
            documents.networkInterface(
                subnet: entry(.subnet)?.id ?? "", address: address?.text, securityGroup: entry(.securityGroup)?.id))
        return interface
    }
}
