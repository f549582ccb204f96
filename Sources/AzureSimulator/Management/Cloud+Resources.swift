/// What is done with resources of every kind.
extension Cloud {
    /// The error for a resource that is not there.
    func missing(_ id: ResourceID) throws(AzureError) -> AzureError {
        groups[id.group.lowercased()] == nil ? .noGroup(id.group) : .noResource(id)
    }

    /// - Throws: `AzureError`.
    func put(_ id: ResourceID, _ request: ManagementRequest) async throws(AzureError) -> Answer {
        guard groups[id.group.lowercased()] != nil else { throw .noGroup(id.group) }
        guard registered.contains(id.kind.namespace.lowercased()) else {
            throw AzureError(
                409, "MissingSubscriptionRegistration",
                "The subscription is not registered to use namespace '\(id.kind.namespace)'. "
                    + "See https://aka.ms/rps-not-found for how to register subscriptions.")
        }
        try Self.checkName(id)
        let old = resources[id.key]
        if let old, let running = operations[old.operation], running.ended == nil {
            guard old.asked == request.body, old.state != "Deleting" else { throw Self.busy(id) }
            return accepted(running, status: 201, old.json, request)
        }
        var new = try draft(id, old, request)
        switch id.kind {
        case .disk: try await prepareDisk(&new, old, request)
        case .virtualMachine: try prepareMachine(&new, old, request)
        case .networkInterface: try prepareInterface(&new, old, request)
        case .virtualNetwork: try prepareNetwork(&new, old, request)
        case .subnet: try prepareSubnet(&new)
        case .publicAddress: try preparePublicAddress(&new, old)
        case .securityGroup: try prepareSecurityGroup(&new)
        case .storageAccount: throw .noSuchPath(request.call.rawPath)
        }
        new.state = old == nil ? "Creating" : "Updating"
        new.version = (old?.version ?? 0) + 1
        resources[id.key] = new
        if id.kind == .virtualMachine { attach(new) }
        let status = id.kind == .disk ? 202 : old == nil ? 201 : 200
        return begin(.settle, id, status: status, request)
    }

    private func draft(_ id: ResourceID, _ old: Resource?, _ request: ManagementRequest) throws(AzureError) -> Resource
    {
        guard case .object = request.body else {
            throw AzureError(400, "InvalidRequestContent", "The request content is no object.")
        }
        let network = id.network.flatMap { resources[$0.key] }
        if let parent = id.network, network == nil { throw .noResource(parent) }
        guard let wanted = network?.location ?? request.body["location"].text else {
            throw AzureError(400, "LocationRequired", "The location property is required for this definition.")
        }
        let region = try region(wanted, for: id.kind)
        if let old, old.location != region.name {
            throw AzureError(
                409, "InvalidResourceLocation",
                "The resource '\(id.name)' already exists in location '\(old.location)' in resource group '\(id.group)'. "
                    + "A resource with the same name cannot be created in location '\(region.name)'. Please select a new "
                    + "resource name.")
        }
        try checkTags(request.body["tags"])
        try checkZones(request.body["zones"], region, id)
        return Resource(
            id: old?.id ?? id, location: region.name, tags: request.body["tags"], zones: request.body["zones"],
            sku: request.body["sku"], properties: request.body["properties"].isNull ? [:] : request.body["properties"],
            asked: request.body, account: old?.account ?? "", container: old?.container ?? "", owner: old?.owner,
            power: old?.power ?? "")
    }

    /// - Throws: `LocationNotAvailableForResourceType`.
    func region(_ name: String, for kind: ResourceKind) throws(AzureError) -> CloudSettings.Region {
        let plain = name.lowercased().replacing(" ", with: "")
        guard let region = settings.regions.first(where: { $0.name == plain }) else {
            throw AzureError(
                400, "LocationNotAvailableForResourceType",
                "The provided location '\(name)' is not available for resource type '\(kind.fullType)'. List of available "
                    + "regions for the resource type is '\(settings.regions.map(\.name).joined(separator: ","))'.")
        }
        return region
    }

    private func checkTags(_ tags: JSON) throws(AzureError) {
        guard tags.isNull || (tags.members.values.allSatisfy { $0.text != nil } && tags.members.count <= 50) else {
            throw AzureError(400, "InvalidTagValueType", "Tags are at most 50, and their values are strings.")
        }
    }

    private func checkZones(_ zones: JSON, _ region: CloudSettings.Region, _ id: ResourceID) throws(AzureError) {
        if zones.isNull || zones.values.isEmpty { return }
        guard zones.values.allSatisfy({ region.zones.contains($0.text ?? "") }) else {
            throw AzureError(
                400, region.zones.isEmpty ? "LocationNotSupportAvailabilityZones" : "InvalidAvailabilityZone",
                "The zone(s) for resource '\(id.text)' are not supported in location '\(region.name)'.")
        }
    }

    private static func checkName(_ id: ResourceID) throws(AzureError) {
        let isPlain = id.name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "_.-".utf8.contains(byte)
        }
        guard isPlain, (1...id.kind.longestName).contains(id.name.utf8.count), !"-._".contains(id.name.first ?? "-"),
            !"-.".contains(id.name.last ?? "-")
        else {
            throw AzureError(
                400, "InvalidResourceName",
                "Resource name \(id.name) is invalid. It has at most \(id.kind.longestName) letters, digits, '_', '.' and "
                    + "'-', begins with a letter or digit and ends with one of these or '_'.")
        }
    }

    private static func busy(_ id: ResourceID) -> AzureError {
        id.kind.namespace == "Microsoft.Network"
            ? AzureError(
                429, "RetryableErrorDueToAnotherOperation",
                "Operation on \(id.text) is not possible while another one runs. Please retry later."
            ).sending("Retry-After", "1")
            : AzureError(409, "Conflict", "Another operation is running on \(id.text).")
    }

    /// What a GET shows.
    func shown(_ id: ResourceID, _ request: ManagementRequest) throws(AzureError) -> JSON {
        if id.kind == .storageAccount { return try storageAccount(id) }
        guard let resource = resources[id.key] else { throw try missing(id) }
        var json = shown(resource)
        if id.kind == .virtualMachine, request.call.parameter("$expand")?.lowercased().contains("instanceview") == true
        {
            var properties = json["properties"]
            properties["instanceView"] = instanceView(id)
            json["properties"] = properties
        }
        return json
    }

    func shown(_ resource: Resource) -> JSON {
        guard resource.id.kind == .virtualNetwork else { return resource.json }
        var json = resource.json
        var properties = json["properties"]
        properties["subnets"] = .array(subnets(of: resource.id).map(\.json))
        json["properties"] = properties
        return json
    }

    /// Only tags can be changed alone.
    func update(_ id: ResourceID, _ request: ManagementRequest) throws(AzureError) -> Answer {
        guard let resource = resources[id.key] else { throw try missing(id) }
        if let running = operations[resource.operation], running.ended == nil { throw Self.busy(id) }
        guard request.body.members.keys.allSatisfy({ $0 == "tags" }) else {
            throw AzureError(
                400, "InvalidRequestContent", "Of a \(id.kind.rawValue) only the tags can be changed alone.")
        }
        try checkTags(request.body["tags"])
        resources[id.key]?.tags = request.body["tags"]
        resources[id.key]?.version += 1
        return .json(200, resources[id.key].map(shown) ?? .null)
    }

    /// - Throws: `AzureError`, when something else needs it.
    func delete(_ id: ResourceID, _ request: ManagementRequest) async throws(AzureError) -> Answer {
        guard groups[id.group.lowercased()] != nil else { throw .noGroup(id.group) }
        guard let resource = resources[id.key] else { return Answer(status: 204) }
        if let running = operations[resource.operation], running.ended == nil {
            guard case .remove = running.effect else { throw Self.busy(id) }
            return accepted(running, status: 202, nil, request)
        }
        try checkUnused(resource, request.now)
        resources[id.key]?.state = "Deleting"
        return begin(.remove, id, status: 202, request)
    }

    private func checkUnused(_ resource: Resource, _ now: Instant) throws(AzureError) {
        let id = resource.id
        switch id.kind {
        case .disk: try checkUnusedDisk(resource, now)
        case .networkInterface:
            guard let owner = resource.owner else { return }
            throw AzureError(
                400, "NicInUse",
                "Network Interface \(id.text) is used by existing resource \(owner). In order to delete the network "
                    + "interface, it must be dissociated from the resource.")
        case .subnet, .virtualNetwork:
            let users = interfaces.filter { interface in
                references(of: interface, "subnet").contains { $0.key == id.key || $0.network?.key == id.key }
            }
            guard let user = users.first else { return }
            throw AzureError(
                400, "InUseSubnetCannotBeDeleted",
                "Subnet \(id.name) is in use by \(user.id.text) and cannot be deleted.")
        case .publicAddress:
            guard
                let user = interfaces.first(where: {
                    references(of: $0, "publicIPAddress").contains { $0.key == id.key }
                })
            else { return }
            throw AzureError(
                400, "PublicIPAddressCannotBeDeleted",
                "Public IP address \(id.text) can not be deleted since it is still allocated to resource \(user.id.text)."
            )
        case .securityGroup:
            guard let user = users(ofSecurityGroup: id).first else { return }
            throw AzureError(
                400, "InUseNetworkSecurityGroupCannotBeDeleted",
                "Network security group \(id.text) cannot be deleted since it is in use by \(user).")
        default: return
        }
    }
}
