import Engine

/// A disk of a volume group.
struct VolumeDisk: Sendable, Equatable {
    let id: String
    let index: Int
    /// Bytes.
    let size: UInt64
}

extension PrismClient {
    static let volumeGroups = "config/volume-groups"

    private func place(_ group: String) -> String { "\(Self.volumeGroups)/\(PrismCall.segment(group))" }

    func createVolumeGroup(_ body: JSONValue) async throws(PrismError) -> String {
        let task = try await run("POST", .volumes, Self.volumeGroups, body: body)
        guard let id = try await made("volumes:config:volume-group", by: task) else {
            throw PrismError(.failed, "Prism made a volume group and did not say which")
        }
        return id
    }

    func volumeGroup(_ id: String) async throws(PrismError) -> JSONValue? {
        try await objectIfPresent(.volumes, place(id))
    }

    func volumeGroups(withPrefix prefix: String) async throws(PrismError) -> [JSONValue] {
        try await list(
            .volumes, Self.volumeGroups, filter: "startswith(name,\(PrismCall.literal(prefix)))"
        ).filter { $0["name"]?.string?.hasPrefix(prefix) == true }
    }

    func volumeDisks(of group: String) async throws(PrismError) -> [VolumeDisk] {
        let items = try await list(.volumes, "\(place(group))/disks")
        return items.compactMap { item in
            guard let id = item.extID, let index = item["index"]?.integer.flatMap({ Int(exactly: $0) }),
                let size = item["diskSizeBytes"]?.bytes
            else { return nil }
            return VolumeDisk(id: id, index: index, size: size)
        }.sorted { $0.index < $1.index }
    }

    func attach(initiator: String, secret: String?, to group: String) async throws(PrismError) {
        let body = JSONValue.typed(
            "volumes.v4.config.IscsiClient",
            [
                "iscsiInitiatorName": .string(initiator), "numVirtualTargets": 1,
                "enabledAuthentications": .string(secret == nil ? "NONE" : "CHAP"),
                "clientSecret": secret.map { .string($0) },
            ])
        _ = try await run(
            "POST", .volumes, "\(place(group))/$actions/attach-iscsi-client", body: body, stateOf: place(group))
    }

    /// Ids of the iSCSI clients and of the VMs that hold a volume group.
    func attachments(of group: String) async throws(PrismError) -> (clients: [String], machines: [String]) {
        if let record = try await volumeGroup(group), record["attachments"] != nil {
            let held = (record["attachments"]?.array ?? []).compactMap { $0["attachment"] }
            return (
                held.filter { $0.typeName == "IscsiClientAttachment" }.compactMap(\.extID),
                held.filter { $0.typeName == "VmAttachment" }.compactMap(\.extID)
            )
        }
        let clients = try await attachmentList(group, "external-iscsi-attachments")
        return (clients, try await attachmentList(group, "vm-attachments"))
    }

    /// The lists that versions before v4.1 have in place of a member of the group.
    private func attachmentList(_ group: String, _ name: String) async throws(PrismError) -> [String] {
        do throws(PrismError) {
            return try await list(.volumes, "\(place(group))/\(name)").compactMap(\.extID)
        } catch {
            if error.status == 404 { return [] }
            throw error
        }
    }

    func detach(client: String, from group: String) async throws(PrismError) {
        let body = JSONValue.typed("volumes.v4.config.IscsiClientAttachment", ["extId": .string(client)])
        _ = try await run(
            "POST", .volumes, "\(place(group))/$actions/detach-iscsi-client", body: body, stateOf: place(group))
    }

    /// Lets every iSCSI client go and deletes the group with its disks. One that is gone already is no error.
    func deleteVolumeGroup(_ group: String) async throws(PrismError) {
        guard try await volumeGroup(group) != nil else { return }
        try await detachClients(from: group)
        try await delete(.volumes, place(group))
    }

    func detachClients(from group: String) async throws(PrismError) {
        for client in try await attachments(of: group).clients { try await detach(client: client, from: group) }
    }

    func rename(volumeGroup group: String, to name: String, description: String) async throws(PrismError) {
        let kept = ["extId", "clusterReference", "sharingStatus", "usageType"]
        guard let record = try await volumeGroup(group) else {
            throw PrismError(.notFound, "the volume group \(group) is gone")
        }
        var body = JSONValue.typed(
            "volumes.v4.config.VolumeGroup", ["name": .string(name), "description": .string(description)])
        for member in kept { body = body.setting(member, record[member]) }
        _ = try await run("PUT", .volumes, place(group), body: body, stateOf: place(group))
    }

    func attach(machine: String, to group: String, index: Int?) async throws(PrismError) {
        let body = JSONValue.typed(
            "volumes.v4.config.VmAttachment",
            ["extId": .string(machine), "index": index.map { .integer(Int64($0)) }])
        _ = try await run("POST", .volumes, "\(place(group))/$actions/attach-vm", body: body, stateOf: place(group))
    }
}
