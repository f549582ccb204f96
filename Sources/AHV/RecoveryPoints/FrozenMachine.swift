import Engine

/// A recovery point of one VM: the ids by which its disks are read and compared.
struct FrozenMachine: Sendable {
    let recoveryPoint: String
    let machinePoint: String
    let consistency: Consistency
    /// Disk recovery points by the VM disk's id.
    let disks: [String: String]
    /// The VM as it was frozen.
    let machine: PrismMachine
    /// Warnings of the task and of ours.
    let warnings: [String]
}

/// Makes recovery points, and falls back to crash consistency when a guest cannot do better.
struct Freezer: Sendable {
    let prism: PrismClient

    /// - Parameter made: told the recovery point's id as soon as it exists, so that it is removed on a later error.
    func freeze(
        _ machine: PrismMachine, name: String, consistency: Consistency, expires: Timestamp,
        made: (String) -> Void
    ) async throws(PrismError) -> FrozenMachine {
        let (wanted, obstacle) = try await achievable(consistency, machine)
        var warnings = obstacle.map { ["the backup is crash-consistent only: \($0)"] } ?? []
        var point: (id: String, warnings: [String])
        do throws(PrismError) {
            point = try await prism.createRecoveryPoint(
                of: machine.id, name: name, consistency: wanted, expires: expires)
        } catch {
            guard wanted == .application, error.kind == .failed else { throw error }
            warnings.append("the backup is crash-consistent only: \(error.message)")
            point = try await prism.createRecoveryPoint(
                of: machine.id, name: name, consistency: .crash, expires: expires)
        }
        made(point.id)
        return try await describe(point.id, machine, wanted: consistency, warnings: warnings + point.warnings)
    }

    private func achievable(
        _ consistency: Consistency, _ machine: PrismMachine
    ) async throws(PrismError) -> (Consistency, obstacle: String?) {
        guard consistency == .application else { return (.crash, nil) }
        guard machine.isPoweredOn else { return (.crash, nil) }
        let obstacle = try await prism.obstacleToQuiescing(machine.id)
        return (obstacle == nil ? .application : .crash, obstacle)
    }

    private func describe(
        _ id: String, _ machine: PrismMachine, wanted: Consistency, warnings: [String]
    ) async throws(PrismError) -> FrozenMachine {
        guard let point = try await prism.recoveryPoint(id) else {
            throw PrismError(.failed, "the recovery point \(id) vanished while it was being read")
        }
        let parts = point["vmRecoveryPoints"]?.array ?? []
        guard let part = parts.first(where: { $0["vmExtId"]?.string == machine.id }), let partID = part.extID else {
            throw PrismError(.failed, "the recovery point \(id) does not hold the VM '\(machine.name)'")
        }
        // Only the part by itself is sure to list its disks.
        let whole = try await prism.machineRecoveryPoint(partID, of: id)
        let captured = try await prism.capturedConfiguration(partID)
        let type = whole["recoveryPointType"]?.string ?? point["recoveryPointType"]?.string
        let got: Consistency = type == "APPLICATION_CONSISTENT" ? .application : .crash
        var notes = warnings
        if wanted == .application, got == .crash, warnings.isEmpty, machine.isPoweredOn {
            notes.append("the backup is crash-consistent only: Prism did not say why")
        }
        var disks: [String: String] = [:]
        for disk in whole["diskRecoveryPoints"]?.array ?? [] {
            guard let owner = disk["diskExtId"]?.string, let own = disk["diskRecoveryPointExtId"]?.string else {
                continue
            }
            disks[owner] = own
        }
        return FrozenMachine(
            recoveryPoint: id, machinePoint: partID, consistency: got, disks: disks,
            machine: captured.map { PrismMachine(record: $0) } ?? machine, warnings: notes)
    }
}
