/// What the guests do: they write to their disks, and disks grow under them.
extension World {
    /// The id of a VM, given its id or its name.
    func machine(_ vm: String) throws(APIError) -> Entity {
        if let entity = entity(.vm, vm) ?? all(.vm).first(where: { $0.body["name"]?.string == vm }) { return entity }
        throw .notFound("VM", vm)
    }

    /// The id and size of a VM's disk, given its id or its address such as `scsi.0`.
    func guestDisk(_ disk: String, of vm: Entity) throws(APIError) -> (id: String, size: Int) {
        for body in vm.body["disks"]?.elements ?? [] {
            guard let id = body.at("backingInfo.diskExtId")?.string else { continue }
            let address = body["diskAddress"].map(Self.address)?.lowercased()
            if id == disk || address == disk.lowercased() {
                return (id, body.at("backingInfo.diskSizeBytes")?.int ?? 0)
            }
        }
        throw .notFound("VM disk", disk)
    }

    /// The guest writes; nil bytes discard the range, so that it reads as zero.
    func guestWrites(_ vm: String, _ disk: String, at offset: Int, _ bytes: [UInt8]?, count: Int) async throws {
        let vm = try machine(vm)
        let disk = try guestDisk(disk, of: vm)
        guard offset >= 0, count >= 0, offset <= disk.size - count else {
            throw APIError.invalid("The range is outside of the disk of \(disk.size) bytes.")
        }
        if let bytes {
            try await disks.write(disk.id, bytes, at: offset)
        } else {
            try await disks.zero(disk.id, offset..<offset + count)
        }
        note(.vm, vm.id) {
            let entry: JSONValue = [.int(offset), .int(count), .bool(bytes == nil)]
            if $0.hidden["journal"] == nil { $0.hidden["journal"] = [:] }
            let entries = $0.hidden["journal"]?[disk.id]?.elements ?? []
            $0.hidden["journal"]?[disk.id] = .array(entries + [entry])
        }
        save()
    }

    /// A disk of a VM grows.
    func guestDiskGrows(_ vm: String, _ disk: String, to size: Int) async throws {
        let vm = try machine(vm)
        let disk = try guestDisk(disk, of: vm)
        if size < disk.size { throw APIError.invalid("A disk cannot shrink.") }
        try await growMachineDisk(vm.id, disk.id, to: size)
    }

    /// What there is, with the files of all disks, for comparing bytes.
    func summary() -> JSONValue {
        func files(_ ids: [String]) -> JSONValue {
            .array(ids.map { ["extId": .string($0), "path": .string(disks.path($0))] })
        }
        return [
            "vms": .array(all(.vm).map(machineSummary)),
            "volumeGroups": .array(
                all(.volumeGroup).map { group in
                    [
                        "extId": .string(group.id), "name": group.body["name"] ?? .null,
                        "attachmentType": group.body["attachmentType"] ?? .null,
                        "disks": files(group.volumeDisks.compactMap { $0["extId"]?.string }),
                    ]
                }),
            "recoveryPoints": .array(
                all(.recoveryPoint).map { point in
                    [
                        "extId": .string(point.id), "name": point.body["name"] ?? .null,
                        "expirationTime": point.body["expirationTime"] ?? .null,
                        "recoveryPointType": point.body["recoveryPointType"] ?? .null,
                        "vms": .array(
                            (point.body["vmRecoveryPoints"]?.elements ?? []).compactMap { $0["vmExtId"] }),
                        "disks": .array(
                            (point.hidden["disks"] ?? [:]).members.sorted { $0.key < $1.key }.map { id, disk in
                                [
                                    "extId": .string(id), "diskExtId": disk["disk"] ?? .null,
                                    "path": .string(disks.path(id)),
                                ]
                            }),
                    ]
                }),
            "iscsi": traffic.summary,
        ]
    }

    private func machineSummary(_ vm: Entity) -> JSONValue {
        [
            "extId": .string(vm.id), "name": vm.body["name"] ?? .null, "powerState": vm.body["powerState"] ?? .null,
            "clusterExtId": .optional(vm.clusters.first),
            "disks": .array(
                (vm.body["disks"]?.elements ?? []).compactMap { disk in
                    guard let id = disk.at("backingInfo.diskExtId")?.string else { return nil }
                    return [
                        "extId": .string(id),
                        "address": .string(disk["diskAddress"].map(Self.address)?.lowercased() ?? ""),
                        "diskSizeBytes": disk.at("backingInfo.diskSizeBytes") ?? .null,
                        "path": .string(disks.path(id)),
                    ]
                }),
        ]
    }
}
