/// Attaching volume groups: to iSCSI clients and to VMs.
extension World {
    private static let envelope = "volumes.v4.config."

    static let iscsiClientRoutes: [Route] = [
        Route(
            "attachISCSIClient", "POST /volumes/config/volume-groups/{vg}/$actions/attach-iscsi-client",
            "\(envelope)AttachIscsiClientApiResponse", body: "volumes.v4.config.IscsiClient",
            ifMatch: .matches(.volumeGroup, parameter: "vg")
        ) { world, call in try world.attachClient(call) },
        Route(
            "detachISCSIClient", "POST /volumes/config/volume-groups/{vg}/$actions/detach-iscsi-client",
            "\(envelope)DetachIscsiClientApiResponse", body: "volumes.v4.config.IscsiClientAttachment",
            ifMatch: .matches(.volumeGroup, parameter: "vg")
        ) { world, call in
            let group = try world.find(.volumeGroup, call["vg"])
            let client = call.body["extId"]?.string ?? ""
            guard group.attachments.contains(where: { $0.at("attachment.extId")?.string == client }) else {
                throw APIError.notFound("attachment", client)
            }
            return world.start(call, "VolumeGroupDetachExternal", clusters: group.clusters) { world in
                world.setAttachments(of: group.id) { $0.filter { $0.at("attachment.extId")?.string != client } }
                try await world.export(group.id)
                var result = world.groupResult(group.id)
                result.add("volumes:config:iscsi-client", client)
                return result
            }
        },
        Route(
            "attachVM", "POST /volumes/config/volume-groups/{vg}/$actions/attach-vm",
            "\(envelope)AttachVmApiResponse", body: "volumes.v4.config.VmAttachment",
            ifMatch: .matches(.volumeGroup, parameter: "vg")
        ) { world, call in try world.attachMachine(call) },
        Route(
            "detachVM", "POST /volumes/config/volume-groups/{vg}/$actions/detach-vm",
            "\(envelope)DetachVmApiResponse", body: "volumes.v4.config.VmAttachment",
            ifMatch: .matches(.volumeGroup, parameter: "vg")
        ) { world, call in
            let group = try world.find(.volumeGroup, call["vg"])
            let vm = try world.find(.vm, call.body["extId"]?.string ?? "")
            return world.start(call, "VolumeGroupDetachVm", clusters: group.clusters) { world in
                world.removeAttachment(of: vm.id, from: group.id)
                world.update(.vm, vm.id) {
                    $0.body["disks"] = .array(
                        ($0.body["disks"]?.elements ?? []).filter {
                            $0.at("backingInfo.volumeGroupExtId")?.string != group.id
                        })
                }
                var result = world.groupResult(group.id)
                result.add("volumes:config:vms", vm.id)
                return result
            }
        },
        Route(
            "listISCSIAttachments", "GET /volumes/config/volume-groups/{vg}/external-iscsi-attachments",
            "\(envelope)ListExternalIscsiAttachmentsApiResponse IscsiClientAttachment"
        ) { world, call in .list(try world.attachments(call["vg"], "IscsiClientAttachment"), fields: ["extId"]) },
        Route(
            "listVMAttachments", "GET /volumes/config/volume-groups/{vg}/vm-attachments",
            "\(envelope)ListVmAttachmentsApiResponse VmAttachment"
        ) { world, call in .list(try world.attachments(call["vg"], "VmAttachment"), fields: ["extId"]) },
        Route(
            "listISCSIClients", "GET /volumes/config/iscsi-clients",
            "\(envelope)ListIscsiClientsApiResponse IscsiClient"
        ) { world, _ in
            .list(
                world.all(.iscsiClient).map(world.shownClient),
                fields: ["extId", "iscsiInitiatorName", "clusterReference"])
        },
        Route(
            "getISCSIClient", "GET /volumes/config/iscsi-clients/{id}",
            "\(envelope)GetIscsiClientApiResponse IscsiClient"
        ) { world, call in
            let client = try world.find(.iscsiClient, call["id"])
            return .entity(world.shownClient(client), etag: client.etag)
        },
    ]

    private func attachments(_ group: String, _ type: String) throws(APIError) -> [JSONValue] {
        try find(.volumeGroup, group).attachments.compactMap { $0["attachment"] }
            .filter { $0["$objectType"]?.string == "volumes.v4.config.\(type)" }
    }

    func setAttachments(of group: String, _ change: ([JSONValue]) -> [JSONValue]) {
        update(.volumeGroup, group) {
            let list = change($0.attachments)
            $0.body["attachments"] = list.isEmpty ? nil : .array(list)
            let isDirect = list.contains {
                $0.at("attachment.$objectType")?.string?.hasSuffix(".VmAttachment") ?? false
            }
            $0.body["attachmentType"] = list.isEmpty ? "NONE" : isDirect ? "DIRECT" : "EXTERNAL"
        }
    }

    // MARK: VMs

    func addAttachment(of vm: String, index: Int, to group: String) {
        setAttachments(of: group) {
            $0 + [
                [
                    "attachment": [
                        "$objectType": "volumes.v4.config.VmAttachment", "extId": .string(vm), "index": .int(index),
                    ]
                ]
            ]
        }
    }

    func removeAttachment(of vm: String, from group: String) {
        setAttachments(of: group) { $0.filter { $0.at("attachment.extId")?.string != vm } }
    }

    private func attachMachine(_ call: APICall) throws -> Answer {
        let group = try find(.volumeGroup, call["vg"])
        let vm = try find(.vm, call.body["extId"]?.string ?? "")
        guard vm.clusters == group.clusters else { throw APIError.invalid("The VM is on another cluster.") }
        guard group.body["attachmentType"]?.string != "EXTERNAL" else {
            throw APIError.conflict("The volume group has iSCSI clients.")
        }
        let taken = (vm.body["disks"]?.elements ?? []).compactMap { $0["diskAddress"].map(Self.address) }
        let free = (0..<256).first { !taken.contains("SCSI.\($0)") }
        guard let index = call.body["index"]?.int ?? free, !taken.contains("SCSI.\(index)") else {
            throw APIError.conflict("The SCSI index is taken.")
        }
        return start(call, "VolumeGroupAttachVm", clusters: group.clusters) { world in
            let disk = Self.groupDisk(group.id, ["busType": "SCSI", "index": .int(index)])
            world.update(.vm, vm.id) { $0.body["disks"] = .array(($0.body["disks"]?.elements ?? []) + [disk]) }
            world.addAttachment(of: vm.id, index: index, to: group.id)
            var result = world.groupResult(group.id)
            result.add("volumes:config:vms", vm.id)
            return result
        }
    }

    // MARK: iSCSI clients

    private func shownClient(_ client: Entity) -> JSONValue {
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

    private func attachClient(_ call: APICall) throws -> Answer {
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
        if let secret, !(12...16).contains(secret.count) {
            throw APIError.body("/clientSecret", "12 to 16 characters are needed")
        }
        if secret != nil && !usesCHAP { throw APIError.body("/clientSecret", "is only allowed with CHAP") }
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
                        path: disks.path(id))
                },
                clients: clients.map { client in
                    TargetExport.Client(
                        name: client.body["iscsiInitiatorName"]?.string, address: client.hidden["address"]?.string,
                        secret: client.hidden["secret"]?.string)
                },
                secret: usesCHAP ? group.hidden["targetSecret"]?.string : nil))
    }
}
