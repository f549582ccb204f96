/// One disk that a recovery point freezes.
private struct FrozenDisk: Sendable {
    var id = Identity.random()
    /// The disk it comes from.
    var source: String
    /// The id the answer shows; nil for CD-ROM and NVRAM, which real servers list without one.
    var shown: String?
    var size: Int
    var container: String
    /// The number of noted guest writes so far.
    var journal: Int

    var json: JSONValue {
        .object(["diskRecoveryPointExtId": .string(id), "diskExtId": .optional(shown)]).withoutNulls
    }
}

/// One VM or volume group that a recovery point freezes.
private struct FrozenPart: Sendable {
    var id = Identity.random()
    var source: String
    var isMachine: Bool
    var request: JSONValue
}

extension World {
    /// POST recovery-points.
    func createPoint(_ call: APICall) throws -> Answer {
        let body = call.body
        var parts: [FrozenPart] = []
        var cluster: String?
        for (member, kind, isMachine) in [
            ("vmRecoveryPoints", EntityKind.vm, true), ("volumeGroupRecoveryPoints", .volumeGroup, false),
        ] {
            for request in body[member]?.elements ?? [] {
                let id = request[isMachine ? "vmExtId" : "volumeGroupExtId"]?.string ?? ""
                let entity = try find(kind, id)
                if let cluster, cluster != entity.clusters.first {
                    throw APIError.invalid("All entities of a recovery point must be on one cluster.")
                }
                cluster = entity.clusters.first
                parts.append(FrozenPart(source: id, isMachine: isMachine, request: request))
            }
        }
        guard let cluster, parts.count <= 32 else { throw APIError.invalid("1 to 32 VMs or volume groups are needed.") }
        let name = body["name"]?.string ?? "recovery-point"
        if name.count > 256 { throw APIError.body("/name", "at most 256 characters") }
        let type = body["recoveryPointType"]?.string ?? "CRASH_CONSISTENT"
        if !["CRASH_CONSISTENT", "APPLICATION_CONSISTENT"].contains(type) {
            throw APIError.body("/recoveryPointType", "is not known")
        }
        let expires = body["expirationTime"] == nil ? nil : try Self.expiration(body)
        return start(call, "CreateRecoveryPoint", clusters: [cluster]) { [parts] world in
            try await world.freeze(parts, cluster: cluster, name: name, type: type, expires: expires)
        }
    }

    private func freeze(
        _ parts: [FrozenPart], cluster: String, name: String, type: String, expires: JSONValue?
    ) async throws -> TaskResult {
        let id = Identity.random()
        var result = TaskResult()
        result.add("dataprotection:config:recovery-point", id, name)
        result.details = [("recoveryPointExtId", id)]
        let now = Timestamp.now().text
        let got = consistency(of: parts, wanted: type, warnings: &result.warnings)
        var point: JSONValue = [
            "extId": .string(id), "locationAgnosticId": .string(Identity.random()), "name": .string(name),
            "creationTime": .string(now), "status": "COMPLETE", "recoveryPointType": .string(got),
            "ownerExtId": .string(Identity.named("user/owner")), "isSecure": false, "totalExclusiveUsageBytes": 0,
            "locationReferences": [["locationExtId": .string(cluster)]],
        ]
        point["expirationTime"] = expires
        var entity = Entity(id: id, body: point, hidden: ["cluster": .string(cluster), "machines": [:], "disks": [:]])
        var frozen: [FrozenDisk] = []
        var shown: [Bool: [JSONValue]] = [:]
        for part in parts {
            guard let source = self.entity(part.isMachine ? .vm : .volumeGroup, part.source) else {
                throw TaskFailure(group: "ENTITY_NOT_FOUND", message: "The entity \(part.source) is gone.")
            }
            let own = part.isMachine ? machineDisks(source) : groupDisks(source)
            frozen += own
            shown[part.isMachine, default: []].append(
                shownPart(part, of: source, own, type: got, name: name, now: now, expires: expires))
            if part.isMachine { entity.hidden["machines"]?[part.id] = source.body }
        }
        if let list = shown[true] { entity.body["vmRecoveryPoints"] = .array(list) }
        if let list = shown[false] { entity.body["volumeGroupRecoveryPoints"] = .array(list) }
        do {
            for disk in frozen {
                try await disks.create(disk.id, from: disks.path(disk.source), size: disk.size)
                entity.hidden["disks"]?[disk.id] = [
                    "disk": .string(disk.source), "size": .int(disk.size), "container": .string(disk.container),
                    "journal": .int(disk.journal),
                ]
            }
        } catch {
            await disks.remove(frozen.map(\.id))
            throw error
        }
        for part in parts where part.isMachine { result.add("vmm:ahv:config:vm", part.source) }
        for part in parts { result.add("dataprotection:config:vm-recovery-point", part.id) }
        insert(.recoveryPoint, entity)
        return result
    }

    private func machineDisks(_ vm: Entity) -> [FrozenDisk] {
        var frozen: [FrozenDisk] = []
        for disk in vm.body["disks"]?.elements ?? [] {
            guard let id = disk.at("backingInfo.diskExtId")?.string else { continue }
            frozen.append(
                FrozenDisk(
                    source: id, shown: id, size: disk.at("backingInfo.diskSizeBytes")?.int ?? 0,
                    container: disk.at("backingInfo.storageContainer.extId")?.string ?? "",
                    journal: vm.hidden["journal"]?[id]?.elements.count ?? 0))
        }
        if let nvram = vm.hidden["nvram"]?.string {
            frozen.append(FrozenDisk(source: nvram, size: Self.nvramSize, container: "", journal: 0))
        }
        return frozen
    }

    private func groupDisks(_ group: Entity) -> [FrozenDisk] {
        group.volumeDisks.map { disk in
            let id = disk["extId"]?.string ?? ""
            return FrozenDisk(
                source: id, shown: id, size: disk["diskSizeBytes"]?.int ?? 0,
                container: disk["storageContainerId"]?.string ?? "", journal: 0)
        }
    }

    private func shownPart(
        _ part: FrozenPart, of source: Entity, _ disks: [FrozenDisk], type: String, name: String, now: String,
        expires: JSONValue?
    ) -> JSONValue {
        var list = disks.map(\.json)
        // Each CD-ROM with something in it is listed as well; nothing of it can be read.
        for drive in source.body["cdRoms"]?.elements ?? [] where part.isMachine && drive["backingInfo"] != nil {
            list.insert(["diskRecoveryPointExtId": .string(Identity.random())], at: 0)
        }
        var shown: JSONValue = [
            "extId": .string(part.id), "consistencyGroupExtId": .string(Identity.random()),
            "locationAgnosticId": .string(Identity.random()), "name": part.request["name"] ?? .string(name),
            "creationTime": .string(now), "status": "COMPLETE", "recoveryPointType": .string(type),
            part.isMachine ? "vmExtId" : "volumeGroupExtId": .string(part.source),
            "diskRecoveryPoints": .array(list),
        ]
        shown["expirationTime"] = expires
        shown["applicationConsistentProperties"] = part.request["applicationConsistentProperties"]
        if part.isMachine {
            shown["hypervisorType"] = "AHV"
            shown["vmCategories"] = .array(categoryNames(source.body))
        }
        return shown
    }

    /// What the request for consistency really gives.
    private func consistency(of parts: [FrozenPart], wanted: String, warnings: inout [String]) -> String {
        guard wanted == "APPLICATION_CONSISTENT" else { return wanted }
        var isPossible = !degradesConsistency
        for part in parts where part.isMachine {
            let tools = entity(.vm, part.source)?.body["guestTools"]
            for flag in ["isEnabled", "isReachable", "isVssSnapshotCapable"] where tools?[flag]?.bool != true {
                isPossible = false
            }
        }
        if isPossible { return wanted }
        warnings.append("The recovery point is crash-consistent: the guest could not be quiesced.")
        return "CRASH_CONSISTENT"
    }
}
