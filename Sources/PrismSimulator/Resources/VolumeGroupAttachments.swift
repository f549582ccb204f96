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
        Route(
            "updateISCSIClient", "PUT /volumes/config/iscsi-clients/{id}",
            "\(envelope)UpdateIscsiClientApiResponse", body: "volumes.v4.config.IscsiClient",
            ifMatch: .matches(.iscsiClient, parameter: "id")
        ) { world, call in try world.updateClient(call) },
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
}
