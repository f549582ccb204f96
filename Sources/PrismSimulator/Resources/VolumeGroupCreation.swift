extension World {
    /// POST volume-groups.
    func createGroup(_ call: APICall) throws -> Answer {
        let body = call.body
        guard let name = body["name"]?.string, (1...256).contains(name.count) else {
            throw APIError.body("/name", "1 to 256 characters are needed")
        }
        let cluster = try find(.cluster, body["clusterReference"]?.string ?? "")
        if cluster.hidden["isCentral"] != nil { throw APIError.invalid("Prism Central keeps no volume groups.") }
        let secret = body.at("iscsiFeatures.targetSecret")?.string
        if let secret, !(12...16).contains(secret.count) {
            throw APIError.body("/iscsiFeatures/targetSecret", "12 to 16 characters are needed")
        }
        if body["targetPrefix"] != nil && body["targetName"] != nil {
            throw APIError.body("/targetName", "only one of targetPrefix and targetName may be given")
        }
        var plans: [DiskPlan] = []
        var shown: [JSONValue] = []
        for (index, disk) in (body["disks"]?.elements ?? []).enumerated() {
            let taken = shown.compactMap { $0["index"]?.int }
            let (plan, view) = try plannedVolumeDisk(disk, cluster: cluster.id, taken: taken, path: "/disks/\(index)")
            plans.append(plan)
            shown.append(view)
        }
        let id = Identity.random()
        var group = Self.group(
            id: id, name: name, prefix: body["targetPrefix"]?.string ?? name, cluster: cluster.id, disks: shown)
        if let target = body["targetName"] { group.body["targetName"] = target }
        for member in ["description", "sharingStatus", "usageType", "isHidden", "shouldLoadBalanceVmAttachments"] {
            if let value = body[member] { group.body[member] = value }
        }
        let authentication = body.at("iscsiFeatures.enabledAuthentications") ?? body["enabledAuthentications"] ?? "NONE"
        group.body["iscsiFeatures"] = ["enabledAuthentications": authentication]
        group.body["enabledAuthentications"] = authentication
        group.body["createdBy"] = .string(call.user)
        group.hidden["linked"] = .array(plans.filter(\.isLinked).map { .string($0.id) })
        group.hidden["targetSecret"] = secret.map(JSONValue.string)
        return start(call, "VolumeGroupCreate", clusters: [cluster.id]) { [group, plans] world in
            do {
                for plan in plans { try await world.make(plan) }
            } catch {
                await world.disks.remove(plans.map(\.id))
                throw error
            }
            world.insert(.volumeGroup, group)
            var result = world.groupResult(id)
            for plan in plans { result.add("volumes:config:volume-group:disk", plan.id) }
            return result
        }
    }

    /// Plans one disk of a volume group and how it will show.
    func plannedVolumeDisk(
        _ request: JSONValue, cluster: String, taken: [Int], path: String
    ) throws(APIError) -> (DiskPlan, JSONValue) {
        let index = request["index"]?.int ?? (0...16383).first { !taken.contains($0) } ?? 0
        if !(0...16383).contains(index) || taken.contains(index) {
            throw .body("\(path)/index", "is taken or too large")
        }
        guard let reference = request["diskDataSourceReference"] else {
            throw .body("\(path)/diskDataSourceReference", "is missing")
        }
        let size = request["diskSizeBytes"]?.int
        if let size, size % 512 != 0 { throw .body("\(path)/diskSizeBytes", "is no whole number of sectors") }
        let id = reference["extId"]?.string ?? ""
        let source: DiskSource
        switch reference["entityType"]?.string {
        case "STORAGE_CONTAINER":
            let container = try find(.container, id)
            guard container.body["clusterExtId"]?.string == cluster else {
                throw .invalid("The storage container is on another cluster.")
            }
            guard let size, (524_288...219_902_325_555_200).contains(size) else {
                throw .body("\(path)/diskSizeBytes", "from 524288 to 219902325555200 bytes are needed")
            }
            return Self.shown(DiskPlan(origin: .empty(size: size), container: id), index, request)
        case "DISK_RECOVERY_POINT": source = try diskRecoveryPoint(id)
        case "VM_DISK": source = try machineDisk(["diskExtId": .string(id)])
        case "VOLUME_DISK": source = try volumeDisk(["extId": .string(id)])
        default: throw .body("\(path)/diskDataSourceReference/entityType", "is not supported")
        }
        if source.cluster != cluster { throw .invalid("The source of the disk is on another cluster.") }
        if let size, size < source.size { throw .body("\(path)/diskSizeBytes", "is smaller than the source") }
        let isFrozen = reference["entityType"] == "DISK_RECOVERY_POINT"
        let length = size ?? source.size
        let sharesFile = settings.readOnlyClones && isFrozen && length == source.size
        let origin = sharesFile ? DiskOrigin.link(to: source.id, size: length) : .copy(of: source.id, size: length)
        return Self.shown(DiskPlan(origin: origin, container: source.container), index, request)
    }

    private static func shown(_ plan: DiskPlan, _ index: Int, _ request: JSONValue) -> (DiskPlan, JSONValue) {
        var shown: JSONValue = [
            "extId": .string(plan.id), "index": .int(index), "diskSizeBytes": .int(plan.size),
            "storageContainerId": .string(plan.container),
        ]
        shown["description"] = request["description"]
        return (plan, shown)
    }
}
