import Engine

/// What is there in the subscription, as far as a plan names it.
struct PlanScene: Sendable {
    let client: ResourceClient
    let location: String
    let journal: AzureJournal?
    /// Whether the resource group is not there, and so nothing in it is.
    let isNewGroup: Bool
    let settings: AzureSubscription.Settings
    let request: AzureExportRequest

    var choice: NetworkChoice { request.network ?? settings.network ?? NetworkChoice() }

    func disks(_ disks: [AzurePlan.Disk]) async throws(EngineError) -> [AzurePlan.Entry] {
        var entries: [AzurePlan.Entry] = []
        for disk in disks {
            let place = disk.lun.map { "LUN \($0)" } ?? "boot disk"
            entries.append(
                try await ours(
                    ResourceID(.disk, disk.name, in: client.group),
                    "\(settings.diskType.rawValue), \(ByteCount(disk.size)), \(place), disk \(disk.label)"))
        }
        return entries
    }

    func machine(_ name: String, _ size: MachineSize) async throws(EngineError) -> [AzurePlan.Entry] {
        var entries: [AzurePlan.Entry] = []
        if choice.publicIP {
            entries.append(
                try await ours(ResourceID(.publicAddress, "\(name)-ip", in: client.group), "Standard, static"))
        }
        let subnet = "\(choice.virtualNetwork ?? "")/\(choice.subnet ?? "")"
        entries.append(
            try await ours(ResourceID(.networkInterface, "\(name)-nic", in: client.group), "in \(subnet)"))
        entries.append(
            try await ours(
                ResourceID(.virtualMachine, name, in: client.group),
                size.name + (request.powersOn ? ", running" : ", stopped")))
        return entries
    }

    /// The virtual network, its subnet and the security group: used when they are there.
    func network() async throws(EngineError) -> [AzurePlan.Entry] {
        guard let network = choice.virtualNetwork, let subnet = choice.subnet else {
            throw EngineError(
                .configuration, "`network`: `virtualNetwork` and `subnet` are missing: where the VM is connected")
        }
        let group = choice.resourceGroup.map { ResourceID.group($0, in: client.subscription) } ?? client.group
        let id = ResourceID(.virtualNetwork, network, in: group)
        let isForeign = group != client.group
        let found = isNewGroup && !isForeign ? nil : try await client.find(id)
        var entries = [try shared(id, found, choice.addressPrefix, mayMake: !isForeign)]
        let inner = id.subnet(subnet)
        let foundSubnet = found?["properties"]?["subnets"]?.array.first {
            $0["name"]?.string?.lowercased() == subnet.lowercased()
        }
        if found == nil {
            entries.append(
                AzurePlan.Entry(
                    kind: .subnet, name: subnet, id: inner.text, action: .create, detail: choice.subnetPrefix))
        } else {
            entries.append(try shared(inner, foundSubnet, choice.subnetPrefix, mayMake: !isForeign))
        }
        if let name = choice.securityGroup {
            let id = ResourceID(.securityGroup, name, in: client.group)
            let found = isNewGroup ? nil : try await client.find(id)
            entries.append(try shared(id, found, "without rules of its own", mayMake: true))
        }
        return entries
    }

    /// The account that disks are imported from.
    func checkStorageAccount() async throws(EngineError) {
        guard let id = Self.storageAccount(settings, client) else { return }
        guard let found = try await client.find(id) else {
            throw EngineError(
                .configuration, "`pageBlob`: there is no storage account \(id.name) in the resource group")
        }
        guard let place = found["location"]?.string, place == location else {
            throw EngineError(
                .configuration,
                "`pageBlob`: the account \(id.name) is in \(found["location"]?.string ?? "another region"), and disks can only "
                    + "be imported in the same region, not to \(location)")
        }
    }

    static func storageAccount(_ settings: AzureSubscription.Settings, _ client: ResourceClient) -> ResourceID? {
        guard let choice = settings.pageBlob else { return nil }
        let group = choice.resourceGroup.map { ResourceID.group($0, in: client.subscription) } ?? client.group
        return ResourceID(.storageAccount, choice.account, in: group)
    }

    /// Something that must be ours alone.
    /// - Throws: `.alreadyExists`.
    private func ours(_ id: ResourceID, _ detail: String) async throws(EngineError) -> AzurePlan.Entry {
        var action = AzurePlan.Action.create
        if !isNewGroup, let found = try await client.find(id) {
            guard let journal, journal.entries.contains(where: { $0.id == id.text }),
                found["tags"]?[RunTag.name]?.string == journal.run
            else {
                throw EngineError(
                    .alreadyExists,
                    "there is a \(id.kind.title) \(id.name) in \(client.group.name) already: choose another name, or remove it"
                )
            }
            action = .continue
        }
        return AzurePlan.Entry(kind: id.kind, name: id.name, id: id.text, action: action, detail: detail)
    }

    /// Something that others may use too.
    private func shared(
        _ id: ResourceID, _ found: JSONValue?, _ detail: String, mayMake: Bool
    ) throws(EngineError) -> AzurePlan.Entry {
        if let found {
            if let place = found["location"]?.string, place != location {
                throw EngineError(.configuration, "the \(id) is in \(place), and the VM is to be in \(location)")
            }
            let isOurs = journal?.entries.contains { $0.id == id.text } == true
            return AzurePlan.Entry(
                kind: id.kind, name: id.name, id: id.text, action: isOurs ? .continue : .use, detail: "is there")
        }
        guard choice.create, mayMake else {
            throw EngineError(
                .notFound, "there is no \(id) (\(id.text)): make it, or set `create: true` in `network`")
        }
        return AzurePlan.Entry(kind: id.kind, name: id.name, id: id.text, action: .create, detail: detail)
    }
}
