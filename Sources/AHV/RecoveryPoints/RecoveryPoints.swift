import Engine

extension PrismClient {
    static let recoveryPoints = "config/recovery-points"

    /// Freezes one VM. Returns the recovery point's id and the warnings of its task.
    func createRecoveryPoint(
        of machine: String, name: String, consistency: Consistency, expires: Timestamp
    ) async throws(PrismError) -> (id: String, warnings: [String]) {
        let body = JSONValue.typed(
            "dataprotection.v4.config.RecoveryPoint",
            [
                "name": .string(name), "expirationTime": .string(expires.description),
                "recoveryPointType": .string(
                    consistency == .application ? "APPLICATION_CONSISTENT" : "CRASH_CONSISTENT"),
                "vmRecoveryPoints": [
                    .typed("dataprotection.v4.config.VmRecoveryPoint", ["vmExtId": .string(machine)])
                ],
            ])
        let task = try await run("POST", .protection, Self.recoveryPoints, body: body)
        var made = task.detail("recoveryPointExtId")
        if made == nil { made = try await self.made("dataprotection:config:recovery-point", by: task) }
        guard let id = made else {
            throw PrismError(.failed, "Prism made a recovery point of VM \(machine) and did not say which")
        }
        return (id, task.warnings)
    }

    func recoveryPoint(_ id: String) async throws(PrismError) -> JSONValue? {
        try await objectIfPresent(.protection, "\(Self.recoveryPoints)/\(PrismCall.segment(id))")
    }

    func machineRecoveryPoint(_ id: String, of point: String) async throws(PrismError) -> JSONValue {
        let place = "\(Self.recoveryPoints)/\(PrismCall.segment(point))/vm-recovery-points/\(PrismCall.segment(id))"
        return try await object(.protection, place)
    }

    /// The VM's configuration as it was frozen; nil on servers that do not keep it (before v4.1).
    func capturedConfiguration(_ machinePoint: String) async throws(PrismError) -> JSONValue? {
        guard try await versions.version(of: .machines, at: self) >= APIVersion(minor: 1) else { return nil }
        let point = try await objectIfPresent(
            .machines, "ahv/config/vm-recovery-points/\(PrismCall.segment(machinePoint))")
        return point?["vm"]
    }

    func setExpiration(of id: String, to time: Timestamp) async throws(PrismError) {
        let place = "\(Self.recoveryPoints)/\(PrismCall.segment(id))"
        let body = JSONValue.typed(
            "dataprotection.v4.config.ExpirationTimeSpec", ["expirationTime": .string(time.description)])
        _ = try await run(
            "POST", .protection, "\(place)/$actions/set-expiration-time", body: body, stateOf: place)
    }

    /// A recovery point that is gone already is no error.
    func deleteRecoveryPoint(_ id: String) async throws(PrismError) {
        try await delete(.protection, "\(Self.recoveryPoints)/\(PrismCall.segment(id))")
    }

    /// Whether the guest can quiesce its applications, and if not, why.
    func obstacleToQuiescing(_ machine: String) async throws(PrismError) -> String? {
        let place = "\(Self.machines)/\(PrismCall.segment(machine))/guest-tools"
        guard let tools = try await objectIfPresent(.machines, place), tools["isInstalled"]?.bool == true else {
            return "Nutanix Guest Tools are not installed"
        }
        if tools["isEnabled"]?.bool != true { return "Nutanix Guest Tools are not enabled" }
        if tools["isReachable"]?.bool != true { return "Nutanix Guest Tools do not answer" }
        if tools["isVssSnapshotCapable"]?.bool != true {
            return "the guest cannot take application-consistent snapshots"
        }
        return nil
    }
}

extension PrismClient {
    func recoveryPoints(named name: String) async throws(PrismError) -> [JSONValue] {
        try await list(.protection, Self.recoveryPoints, filter: "name eq \(PrismCall.literal(name))")
            .filter { $0["name"]?.string == name }
    }
}
