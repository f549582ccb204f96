extension World {
    /// POST recovery-points/{rp}/$actions/restore: new VMs and volume groups from frozen disks.
    func restorePoint(_ call: APICall) throws -> Answer {
        let point = try find(.recoveryPoint, call["rp"])
        let cluster = point.hidden["cluster"]?.string ?? ""
        if let wanted = call.body["clusterExtId"]?.string, wanted != cluster {
            throw APIError.invalid("The recovery point is on another cluster.")
        }
        let overrides = call.body["vmRecoveryPointRestoreOverrides"]?.elements ?? []
        let groupOverrides = call.body["volumeGroupRecoveryPointRestoreOverrides"]?.elements ?? []
        let machines = try Self.selected(point, "vmRecoveryPoints", "vmRecoveryPointExtId", overrides, groupOverrides)
        let groups = try Self.selected(
            point, "volumeGroupRecoveryPoints", "volumeGroupRecoveryPointExtId", groupOverrides, overrides)
        return start(call, "RestoreRecoveryPoint", clusters: [cluster]) { world in
            var result = TaskResult()
            var made: [String] = []
            for (part, change) in machines {
                let captured = point.hidden["machines"]?[part["extId"]?.string ?? ""] ?? [:]
                made.append(
                    try await world.restoreMachine(captured, part, change["vmOverrideSpec"] ?? [:], into: &result))
            }
            var madeGroups: [String] = []
            for (part, change) in groups {
                madeGroups.append(try await world.restoreGroup(part, change, cluster: cluster, into: &result))
            }
            if !made.isEmpty { result.details.append(("vmExtIds", made.joined(separator: ","))) }
            if !madeGroups.isEmpty { result.details.append(("volumeGroupExtIds", madeGroups.joined(separator: ","))) }
            return result
        }
    }

    /// The parts of a recovery point that a restore is about, each with what is to differ.
    ///
    /// All of them when no override names any.
    private static func selected(
        _ point: Entity, _ member: String, _ key: String, _ overrides: [JSONValue], _ others: [JSONValue]
    ) throws(APIError) -> [(JSONValue, JSONValue)] {
        let parts = point.body[member]?.elements ?? []
        if overrides.isEmpty { return others.isEmpty ? parts.map { ($0, [:]) } : [] }
        var selected: [(JSONValue, JSONValue)] = []
        for change in overrides {
            guard let part = parts.first(where: { $0["extId"] == change[key] }) else {
                throw .notFound("part of the recovery point", change[key]?.string ?? "")
            }
            selected.append((part, change))
        }
        return selected
    }

    private func restoreMachine(
        _ captured: JSONValue, _ part: JSONValue, _ change: JSONValue, into result: inout TaskResult
    ) async throws -> String {
        let id = Identity.random()
        var vm = captured
        vm["extId"] = .string(id)
        vm["name"] = change["name"] ?? captured["name"]
        if let text = change["description"] { vm["description"] = text }
        vm["powerState"] = "OFF"
        vm["host"] = nil
        vm["categories"] = change["categories"]
        vm["createTime"] = .string(Timestamp.now().text)
        vm["updateTime"] = vm["createTime"]
        vm["generationUuid"] = .string(Identity.random())
        vm["biosUuid"] = .string(id)
        vm["source"] = ["entityType": "VM_RECOVERY_POINT", "extId": part["extId"] ?? .null]
        vm["nics"] = Self.restoredNICs(captured, change["nicSpec"] ?? [:])
        var entity = Entity(id: id, body: vm)
        var list: [JSONValue] = []
        for frozen in part["diskRecoveryPoints"]?.elements ?? [] {
            let source = frozen["diskRecoveryPointExtId"]?.string ?? ""
            guard let original = frozen["diskExtId"]?.string else {
                guard let frozenDisk = try? diskRecoveryPoint(source) else { continue }
                let nvram = Identity.random()
                try await disks.create(nvram, from: disks.path(source), size: frozenDisk.size)
                entity.hidden["nvram"] = .string(nvram)
                continue
            }
            let disk = captured["disks"]?.elements.first { $0.at("backingInfo.diskExtId")?.string == original }
            guard var disk else { continue }
            let copy = Identity.random()
            try await disks.create(copy, from: disks.path(source), size: disk.at("backingInfo.diskSizeBytes")?.int)
            disk["extId"] = .string(copy)
            disk["backingInfo"]?["diskExtId"] = .string(copy)
            list.append(disk)
        }
        entity.body["disks"] = .array(list)
        insert(.vm, entity)
        result.add("vmm:ahv:config:vm", id, vm["name"]?.string)
        return id
    }

    private static func restoredNICs(_ captured: JSONValue, _ spec: JSONValue) -> JSONValue {
        let removed = spec["nicRemoveList"]?.elements ?? []
        let kept = (captured["nics"]?.elements ?? []).filter { !removed.contains($0["extId"] ?? .null) }
        return .array(
            kept.map { old in
                let change = (spec["nicOverrideList"]?.elements ?? []).first { $0["nicExtId"] == old["extId"] }
                let network = old["networkInfo"] ?? [:]
                return nic(
                    id: Identity.random(), mac: change?.at("nicBackingInfo.macAddress")?.string ?? randomMAC(),
                    subnet: change?.at("nicNetworkInfo.subnet.extId")?.string
                        ?? network.at("subnet.extId")?.string ?? "",
                    isConnected: old.at("backingInfo.isConnected")?.bool ?? true,
                    model: old.at("backingInfo.model")?.string ?? "VIRTIO", network: network)
            })
    }

    private func restoreGroup(
        _ part: JSONValue, _ change: JSONValue, cluster: String, into result: inout TaskResult
    ) async throws -> String {
        let id = Identity.random()
        let name = change.at("volumeGroupOverrideSpec.name")?.string ?? "restored-\(id.prefix(8))"
        var list: [JSONValue] = []
        for (index, frozen) in (part["diskRecoveryPoints"]?.elements ?? []).enumerated() {
            let source = try diskRecoveryPoint(frozen["diskRecoveryPointExtId"]?.string ?? "")
            let copy = Identity.random()
            try await disks.create(copy, from: disks.path(source.id), size: source.size)
            list.append([
                "extId": .string(copy), "index": .int(index), "diskSizeBytes": .int(source.size),
                "storageContainerId": .string(source.container),
            ])
        }
        insert(.volumeGroup, Self.group(id: id, name: name, prefix: name, cluster: cluster, disks: list))
        result.add("volumes:config:volume-group", id, name)
        return id
    }
}
