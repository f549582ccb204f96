/// iSCSI clients: attached to volume groups, kept after they were detached.
extension World {
    /// PUT iscsi-clients/{id}: another secret, or CHAP on and off.
    func updateClient(_ call: APICall) throws -> Answer {
        let client = try find(.iscsiClient, call["id"])
        let secret = call.body["clientSecret"]?.string
        try Self.checkClientSecret(call.body)
        return start(call, "IscsiClientUpdate", clusters: client.clusters) { world in
            world.update(.iscsiClient, client.id) {
                if let wanted = call.body["enabledAuthentications"] { $0.body["enabledAuthentications"] = wanted }
                $0.hidden["secret"] = secret.map(JSONValue.string) ?? $0.hidden["secret"]
                if $0.body["enabledAuthentications"] != "CHAP" { $0.hidden["secret"] = nil }
            }
            for group in world.all(.volumeGroup) {
                let isAttached = group.attachments.contains { $0.at("attachment.extId")?.string == client.id }
                if isAttached { try await world.export(group.id) }
            }
            var result = TaskResult()
            result.add("volumes:config:iscsi-client", client.id)
            return result
        }
    }

    private static func checkClientSecret(_ body: JSONValue) throws(APIError) {
        guard let secret = body["clientSecret"]?.string else { return }
        if !(12...16).contains(secret.count) { throw .body("/clientSecret", "12 to 16 characters are needed") }
        if body["enabledAuthentications"] != "CHAP" { throw .body("/clientSecret", "is only allowed with CHAP") }
    }

    func shownClient(_ client: Entity) -> JSONValue {
        var body = client.body
        let targets: [JSONValue] = all(.volumeGroup).filter { group in
            group.attachments.contains { $0.at("attachment.extId")?.string == client.id }
        }.map { group in
            [
                "iscsiTargetName": .string(Self.qualifiedName(group)),
                "numVirtualTargets": group.hidden["virtualTargets"] ?? 32,
            ]
        }
        if !targets.isEmpty { body["attachedTargets"] = .array(targets) }
        return body
    }

    static func qualifiedName(_ group: Entity) -> String {
        "iqn.2010-06.com.nutanix:" + (group.body["targetName"]?.string ?? "").lowercased()
    }

    func attachClient(_ call: APICall) throws -> Answer {
        let group = try find(.volumeGroup, call["vg"])
        let body = call.body
        let name = body["iscsiInitiatorName"]?.string
        let network = body["iscsiInitiatorNetworkId"]
        let given = [name != nil, network != nil, body["extId"] != nil].count { $0 }
        guard given == 1 else {
            throw APIError.body("/", "one of iscsiInitiatorName, iscsiInitiatorNetworkId and extId is needed")
        }
        if let name, !(1...64).contains(name.count) {
            throw APIError.body("/iscsiInitiatorName", "up to 64 characters")
        }
        let virtualTargets = body["numVirtualTargets"]?.int ?? 32
        guard (1...32).contains(virtualTargets) else {
            throw APIError.body("/numVirtualTargets", "1 to 32 are allowed")
        }
        let usesCHAP = body["enabledAuthentications"] == "CHAP"
        let secret = body["clientSecret"]?.string
        try Self.checkClientSecret(body)
        guard group.body["attachmentType"]?.string != "DIRECT" else {
            throw APIError.conflict("The volume group is attached to a VM.")
        }
        if usesCHAP && secret == nil && group.hidden["targetSecret"] == nil {
            throw APIError.invalid("CHAP needs a target secret or a client secret.")
        }
        let address =
            network?.at("ipv4.value")?.string ?? network?.at("ipv6.value")?.string
            ?? network?.at("fqdn.value")?.string
        let known =
            try body["extId"]?.string.map { (id) throws(APIError) in try find(.iscsiClient, id) }
            ?? all(.iscsiClient).first { client in
                client.clusters == group.clusters
                    && (name != nil
                        ? client.body["iscsiInitiatorName"]?.string == name
                        : client.hidden["address"]?.string == address)
            }
        let cluster = group.clusters.first ?? ""
        return start(call, "VolumeGroupAttachExternal", clusters: group.clusters) { world in
            guard world.entity(.cluster, cluster)?.body.at("network.externalDataServiceIp") != nil else {
                throw TaskFailure(
                    code: "VOL-40100", group: "DATA_SERVICES_IP_NOT_CONFIGURED",
                    message: "The cluster has no data services IP address.")
            }
            var client = known ?? Entity(id: Identity.random(), body: [:])
            client.body = [
                "extId": .string(client.id), "clusterReference": .string(cluster),
                "enabledAuthentications": usesCHAP ? "CHAP" : "NONE",
            ]
            client.body["iscsiInitiatorName"] = body["iscsiInitiatorName"] ?? known?.body["iscsiInitiatorName"]
            client.body["iscsiInitiatorNetworkId"] = network ?? known?.body["iscsiInitiatorNetworkId"]
            client.hidden["address"] = address.map(JSONValue.string) ?? known?.hidden["address"]
            client.hidden["secret"] = secret.map(JSONValue.string)
            if known == nil {
                world.insert(.iscsiClient, client)
            } else {
                world.update(.iscsiClient, client.id) { [client] in
                    $0.body = client.body
                    $0.hidden = client.hidden
                }
            }
            world.update(.volumeGroup, group.id) { $0.hidden["virtualTargets"] = .int(virtualTargets) }
            let attachment: JSONValue = [
                "attachment": [
                    "$objectType": "volumes.v4.config.IscsiClientAttachment", "extId": .string(client.id),
                    "clusterReference": .string(cluster),
                ]
            ]
            world.setAttachments(of: group.id) { $0.contains(attachment) ? $0 : $0 + [attachment] }
            try await world.export(group.id)
            var result = world.groupResult(group.id)
            result.add("volumes:config:iscsi-client", client.id)
            return result
        }
    }

    /// Brings the iSCSI target of a volume group in line with its disks and clients.
    func export(_ id: String) async throws {
        guard let group = entity(.volumeGroup, id) else { return await targets.withdraw(id) }
        let clients = group.attachments.compactMap { entity(.iscsiClient, $0.at("attachment.extId")?.string) }
        guard !clients.isEmpty else { return await targets.withdraw(id) }
        let usesCHAP =
            group.body.at("iscsiFeatures.enabledAuthentications") == "CHAP"
            || clients.contains { $0.body["enabledAuthentications"] == "CHAP" }
        try await targets.apply(
            TargetExport(
                group: id, name: Self.qualifiedName(group), suffix: settings.targetSuffix,
                virtualTargets: group.hidden["virtualTargets"]?.int ?? 1,
                disks: group.volumeDisks.map { disk in
                    let id = disk["extId"]?.string ?? ""
                    return TargetExport.Disk(
                        id: id, index: disk["index"]?.int ?? 0, size: disk["diskSizeBytes"]?.int ?? 0,
                        path: disks.path(id),
                        isReadOnly: group.hidden["linked"]?.elements.contains(.string(id)) ?? false)
                },
                clients: clients.map { client in
                    TargetExport.Client(
                        name: client.body["iscsiInitiatorName"]?.string, address: client.hidden["address"]?.string,
                        secret: client.hidden["secret"]?.string)
                },
                secret: usesCHAP ? group.hidden["targetSecret"]?.string : nil))
    }
}
