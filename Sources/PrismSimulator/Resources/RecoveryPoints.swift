/// Recovery points: the whole of one, and its VM parts.
extension World {
    private static let envelope = "dataprotection.v4.config."
    private static let fields = [
        "name", "extId", "creationTime", "expirationTime", "recoveryPointType", "status", "ownerExtId",
        "vmRecoveryPoints/vmExtId", "vmRecoveryPoints/extId", "volumeGroupRecoveryPoints/volumeGroupExtId",
        "locationReferences/locationExtId",
    ]

    static let recoveryPointRoutes: [Route] = [
        Route(
            "listRecoveryPoints", "GET /dataprotection/config/recovery-points",
            "\(envelope)ListRecoveryPointsApiResponse RecoveryPoint"
        ) { world, _ in .list(world.all(.recoveryPoint).map(world.shownPoint), fields: fields) },
        Route(
            "getRecoveryPoint", "GET /dataprotection/config/recovery-points/{rp}",
            "\(envelope)GetRecoveryPointApiResponse RecoveryPoint"
        ) { world, call in
            let point = try world.find(.recoveryPoint, call["rp"])
            return .entity(world.shownPoint(point), etag: point.etag)
        },
        Route(
            "createRecoveryPoint", "POST /dataprotection/config/recovery-points",
            "\(envelope)CreateRecoveryPointApiResponse", body: "dataprotection.v4.config.RecoveryPoint"
        ) { world, call in try world.createPoint(call) },
        Route(
            "deleteRecoveryPoint", "DELETE /dataprotection/config/recovery-points/{rp}",
            "\(envelope)DeleteRecoveryPointApiResponse", ifMatch: .matches(.recoveryPoint, parameter: "rp")
        ) { world, call in
            let point = try world.find(.recoveryPoint, call["rp"])
            return world.start(call, "DeleteRecoveryPoint", clusters: world.clusterOf(point)) { world in
                await world.removePoint(point.id)
                var result = TaskResult()
                result.add("dataprotection:config:recovery-point", point.id, point.body["name"]?.string)
                return result
            }
        },
        Route(
            "setExpirationTime", "POST /dataprotection/config/recovery-points/{rp}/$actions/set-expiration-time",
            "\(envelope)UpdateRecoveryPointExpirationTimeApiResponse",
            body: "dataprotection.v4.config.ExpirationTimeSpec", ifMatch: .matches(.recoveryPoint, parameter: "rp")
        ) { world, call in
            let point = try world.find(.recoveryPoint, call["rp"])
            let time = try World.expiration(call.body)
            return world.start(call, "SetExpirationTime", clusters: world.clusterOf(point)) { world in
                world.update(.recoveryPoint, point.id) { $0.body["expirationTime"] = time }
                var result = TaskResult()
                result.add("dataprotection:config:recovery-point", point.id)
                return result
            }
        },
        Route(
            "getVMRecoveryPoint", "GET /dataprotection/config/recovery-points/{rp}/vm-recovery-points/{vmrp}",
            "\(envelope)GetVmRecoveryPointApiResponse VmRecoveryPoint"
        ) { world, call in
            let point = try world.find(.recoveryPoint, call["rp"])
            return .entity(try world.part(call["vmrp"], of: point), etag: point.etag)
        },
        Route(
            "restoreRecoveryPoint", "POST /dataprotection/config/recovery-points/{rp}/$actions/restore",
            "\(envelope)RecoveryPointRestoreApiResponse",
            body: "dataprotection.v4.config.RecoveryPointRestorationSpec",
            ifMatch: .matches(.recoveryPoint, parameter: "rp")
        ) { world, call in try world.restorePoint(call) },
        Route(
            "listCapturedVMs", "GET /vmm/ahv/config/vm-recovery-points",
            "vmm.v4.ahv.config.ListVmRecoveryPointsApiResponse VmRecoveryPoint", since: 1
        ) { world, _ in
            let parts = world.all(.recoveryPoint).flatMap { point in
                (point.body["vmRecoveryPoints"]?.elements ?? []).map { World.captured($0, in: point) }
            }
            return .list(parts, fields: ["name", "extId", "vmExtId", "creationTime", "expirationTime"])
        },
        Route(
            "getCapturedVM", "GET /vmm/ahv/config/vm-recovery-points/{vmrp}",
            "vmm.v4.ahv.config.GetVmRecoveryPointApiResponse VmRecoveryPoint", since: 1
        ) { world, call in
            let point = try world.point(ofPart: call["vmrp"])
            return .entity(World.captured(try world.part(call["vmrp"], of: point), in: point), etag: point.etag)
        },
        Route(
            "createVMRecoveryPoint", "POST /vmm/ahv/config/vm-recovery-points",
            "vmm.v4.ahv.config.CreateVMRecoveryPointApiResponse", since: 1, body: "vmm.v4.ahv.config.VmRecoveryPoint"
        ) { world, call in
            var call = call
            var part = call.body
            part["$objectType"] = nil
            call.body["vmRecoveryPoints"] = [part]
            return try world.createPoint(call)
        },
        Route(
            "deleteVMRecoveryPoint", "DELETE /vmm/ahv/config/vm-recovery-points/{vmrp}",
            "vmm.v4.ahv.config.DeleteVmRecoveryPointApiResponse", since: 1
        ) { world, call in
            let point = try world.point(ofPart: call["vmrp"])
            let part = call["vmrp"]
            return world.start(call, "DeleteVmRecoveryPoint", clusters: world.clusterOf(point)) { world in
                await world.removePart(part, of: point.id)
                var result = TaskResult()
                result.add("dataprotection:config:vm-recovery-point", part)
                return result
            }
        },
    ]

    func clusterOf(_ point: Entity) -> [String] { [point.hidden["cluster"]?.string].compactMap(\.self) }

    /// - Throws: `APIError` when the time is missing, unreadable or past.
    static func expiration(_ body: JSONValue) throws(APIError) -> JSONValue {
        guard let text = body["expirationTime"]?.string, let time = Timestamp(text) else {
            throw .body("/expirationTime", "an RFC 3339 time is needed")
        }
        if time <= .now() { throw .body("/expirationTime", "is in the past") }
        return .string(time.text)
    }

    /// A recovery point as the top level shows it: without its disks, if so set.
    private func shownPoint(_ point: Entity) -> JSONValue {
        guard settings.nullDiskRecoveryPoints else { return point.body }
        var body = point.body
        for member in ["vmRecoveryPoints", "volumeGroupRecoveryPoints"] {
            guard let parts = body[member]?.elements, !parts.isEmpty else { continue }
            body[member] = .array(
                parts.map { part in
                    var part = part
                    part["diskRecoveryPoints"] = nil
                    return part
                })
        }
        return body
    }

    /// The VM part of a recovery point.
    func part(_ id: String, of point: Entity) throws(APIError) -> JSONValue {
        let parts = point.body["vmRecoveryPoints"]?.elements ?? []
        guard let part = parts.first(where: { $0["extId"]?.string == id }) else {
            throw .notFound("VM recovery point", id)
        }
        return part
    }

    func point(ofPart id: String) throws(APIError) -> Entity {
        let found = all(.recoveryPoint).first { point in
            (point.body["vmRecoveryPoints"]?.elements ?? []).contains { $0["extId"]?.string == id }
        }
        guard let found else { throw .notFound("VM recovery point", id) }
        return found
    }

    private static func captured(_ part: JSONValue, in point: Entity) -> JSONValue {
        var part = part
        part["vm"] = point.hidden["machines"]?[part["extId"]?.string ?? ""]
        return part
    }

    /// Takes away a recovery point and its frozen disks.
    func removePoint(_ id: String) async {
        guard let point = entity(.recoveryPoint, id) else { return }
        remove(.recoveryPoint, id)
        await disks.remove(Array((point.hidden["disks"] ?? [:]).members.keys))
    }

    private func removePart(_ part: String, of id: String) async {
        guard let point = entity(.recoveryPoint, id) else { return }
        let parts = point.body["vmRecoveryPoints"]?.elements ?? []
        let rest = parts.filter { $0["extId"]?.string != part }
        if rest.isEmpty && (point.body["volumeGroupRecoveryPoints"]?.elements ?? []).isEmpty {
            return await removePoint(id)
        }
        let gone = parts.filter { !rest.contains($0) }.flatMap { $0["diskRecoveryPoints"]?.elements ?? [] }
            .compactMap { $0["diskRecoveryPointExtId"]?.string }
        update(.recoveryPoint, id) {
            $0.body["vmRecoveryPoints"] = .array(rest)
            for disk in gone { $0.hidden["disks"]?[disk] = nil }
        }
        await disks.remove(gone)
    }

    /// Takes away what has expired.
    func sweep() async {
        let now = Timestamp.now()
        for point in all(.recoveryPoint) {
            guard let time = point.body["expirationTime"]?.string.flatMap(Timestamp.init), time <= now else { continue }
            await removePoint(point.id)
        }
    }
}
