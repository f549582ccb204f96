/// Volume groups and their disks.
extension World {
    private static let envelope = "volumes.v4.config."

    static let volumeGroupRoutes: [Route] = [
        Route(
            "listVolumeGroups", "GET /volumes/config/volume-groups",
            "\(envelope)ListVolumeGroupsApiResponse VolumeGroup"
        ) { world, _ in
            let fields = ["name", "extId", "clusterReference", "usageType", "sharingStatus", "targetName"]
            return .list(world.all(.volumeGroup).map(\.body), fields: fields)
        },
        Route(
            "getVolumeGroup", "GET /volumes/config/volume-groups/{vg}",
            "\(envelope)GetVolumeGroupApiResponse VolumeGroup"
        ) { world, call in
            let group = try world.find(.volumeGroup, call["vg"])
            return .entity(group.body, etag: group.etag)
        },
        Route(
            "createVolumeGroup", "POST /volumes/config/volume-groups", "\(envelope)CreateVolumeGroupApiResponse",
            body: "volumes.v4.config.VolumeGroup"
        ) { world, call in try world.createGroup(call) },
        Route(
            "updateVolumeGroup", "PUT /volumes/config/volume-groups/{vg}",
            "\(envelope)UpdateVolumeGroupApiResponse", body: "volumes.v4.config.VolumeGroup",
            ifMatch: .matches(.volumeGroup, parameter: "vg")
        ) { world, call in
            let group = try world.find(.volumeGroup, call["vg"])
            let body = call.body
            return world.start(call, "VolumeGroupUpdate", clusters: group.clusters) { world in
                world.update(.volumeGroup, group.id) {
                    for member in ["name", "description", "sharingStatus", "isHidden", "usageType"]
                    where body[member] != nil {
                        $0.body[member] = body[member]
                    }
                }
                return world.groupResult(group.id)
            }
        },
        Route(
            "deleteVolumeGroup", "DELETE /volumes/config/volume-groups/{vg}",
            "\(envelope)DeleteVolumeGroupApiResponse", ifMatch: .matches(.volumeGroup, parameter: "vg")
        ) { world, call in
            let group = try world.find(.volumeGroup, call["vg"])
            if !group.attachments.isEmpty {
                throw APIError.conflict("The volume group has attachments; detach them first.")
            }
            return world.start(call, "VolumeGroupDelete", clusters: group.clusters) { world in
                let result = world.groupResult(group.id)
                await world.removeGroup(group.id)
                return result
            }
        },
        Route(
            "listVolumeDisks", "GET /volumes/config/volume-groups/{vg}/disks",
            "\(envelope)ListVolumeDisksApiResponse VolumeDisk"
        ) { world, call in
            .list(
                try world.find(.volumeGroup, call["vg"]).volumeDisks, fields: ["storageContainerId", "index", "extId"])
        },
        Route(
            "getVolumeDisk", "GET /volumes/config/volume-groups/{vg}/disks/{id}",
            "\(envelope)GetVolumeDiskApiResponse VolumeDisk"
        ) { world, call in
            let group = try world.find(.volumeGroup, call["vg"])
            return .entity(try world.disk(call["id"], of: group), etag: group.etag)
        },
        Route(
            "createVolumeDisk", "POST /volumes/config/volume-groups/{vg}/disks",
            "\(envelope)CreateVolumeDiskApiResponse", body: "volumes.v4.config.VolumeDisk",
            ifMatch: .matches(.volumeGroup, parameter: "vg")
        ) { world, call in try world.createVolumeDisk(call) },
        Route(
            "updateVolumeDisk", "PUT /volumes/config/volume-groups/{vg}/disks/{id}",
            "\(envelope)UpdateVolumeDiskApiResponse", body: "volumes.v4.config.VolumeDisk",
            ifMatch: .matches(.volumeGroup, parameter: "vg")
        ) { world, call in try world.growVolumeDisk(call) },
        Route(
            "deleteVolumeDisk", "DELETE /volumes/config/volume-groups/{vg}/disks/{id}",
            "\(envelope)DeleteVolumeDiskApiResponse", ifMatch: .matches(.volumeGroup, parameter: "vg")
        ) { world, call in
            let group = try world.find(.volumeGroup, call["vg"])
            let disk = try world.disk(call["id"], of: group)
            return world.start(call, "VolumeGroupDeleteDisk", clusters: group.clusters) { world in
                world.setDisks(of: group.id) { $0.filter { $0["extId"] != disk["extId"] } }
                try await world.export(group.id)
                await world.disks.remove([disk["extId"]?.string ?? ""])
                return world.groupResult(group.id, disk: disk["extId"]?.string)
            }
        },
    ]

    /// The entity of a volume group.
    static func group(id: String, name: String, prefix: String, cluster: String, disks: [JSONValue]) -> Entity {
        Entity(
            id: id,
            body: [
                "extId": .string(id), "name": .string(name), "clusterReference": .string(cluster),
                "sharingStatus": "NOT_SHARED", "usageType": "USER", "protocol": "ISCSI", "isHidden": false,
                "targetName": .string("\(prefix)-\(id)"), "attachmentType": "NONE",
                "shouldLoadBalanceVmAttachments": false, "enabledAuthentications": "NONE",
                "iscsiFeatures": ["enabledAuthentications": "NONE"],
            ], hidden: ["disks": .array(disks)])
    }

    func groupResult(_ id: String, disk: String? = nil) -> TaskResult {
        var result = TaskResult()
        result.add("volumes:config:volume-group", id, entity(.volumeGroup, id)?.body["name"]?.string)
        if let disk { result.add("volumes:config:volume-group:disk", disk) }
        return result
    }

    private func disk(_ id: String, of group: Entity) throws(APIError) -> JSONValue {
        guard let disk = group.volumeDisks.first(where: { $0["extId"]?.string == id }) else {
            throw .notFound("volume disk", id)
        }
        return disk
    }

    func setDisks(of group: String, _ change: ([JSONValue]) -> [JSONValue]) {
        update(.volumeGroup, group) { $0.hidden["disks"] = .array(change($0.volumeDisks)) }
    }

    /// Takes away a volume group, its target and its disks.
    func removeGroup(_ id: String) async {
        guard let group = entity(.volumeGroup, id) else { return }
        remove(.volumeGroup, id)
        await targets.withdraw(id)
        await disks.remove(group.volumeDisks.compactMap { $0["extId"]?.string })
    }

    private func createVolumeDisk(_ call: APICall) throws -> Answer {
        let group = try find(.volumeGroup, call["vg"])
        let taken = group.volumeDisks.compactMap { $0["index"]?.int }
        let (plan, shown) = try plannedVolumeDisk(
            call.body, cluster: group.clusters.first ?? "", taken: taken, path: "")
        return start(call, "VolumeGroupAddDisk", clusters: group.clusters) { world in
            try await world.make(plan)
            world.setDisks(of: group.id) { $0 + [shown] }
            if plan.isLinked {
                world.note(.volumeGroup, group.id) {
                    $0.hidden["linked"] = .array(($0.hidden["linked"]?.elements ?? []) + [.string(plan.id)])
                }
            }
            try await world.export(group.id)
            return world.groupResult(group.id, disk: plan.id)
        }
    }

    private func growVolumeDisk(_ call: APICall) throws -> Answer {
        let group = try find(.volumeGroup, call["vg"])
        let disk = try disk(call["id"], of: group)
        let size = disk["diskSizeBytes"]?.int ?? 0
        let wanted = call.body["diskSizeBytes"]?.int ?? size
        if wanted < size { throw APIError.body("/diskSizeBytes", "a disk cannot shrink") }
        if group.hidden["linked"]?.elements.contains(.string(call["id"])) ?? false {
            throw APIError.conflict("The disk cannot be written, and so cannot grow.")
        }
        return start(call, "VolumeGroupUpdateDisk", clusters: group.clusters) { world in
            try await world.disks.grow(call["id"], to: wanted)
            world.setDisks(of: group.id) { list in
                list.map { element in
                    guard element["extId"] == disk["extId"] else { return element }
                    var element = element
                    element["diskSizeBytes"] = .int(wanted)
                    return element
                }
            }
            try await world.export(group.id)
            return world.groupResult(group.id, disk: call["id"])
        }
    }
}

extension Entity {
    /// The disks of a volume group.
    var volumeDisks: [JSONValue] { hidden["disks"]?.elements ?? [] }

    /// What a volume group is attached to.
    var attachments: [JSONValue] { body["attachments"]?.elements ?? [] }
}
