import Engine

/// Makes the VM around the restored disks, in place of the original if asked.
struct MachineEnding: RestoreEnding {
    let prism: PrismClient
    let spec: MachineSpec

    private var power: PowerSwitch { PowerSwitch(prism: prism) }

    func complete(
        _ group: TemporaryVolumeGroup, _ cleanUp: CleanUp
    ) async throws(PrismError) -> (outcome: RestoreOutcome, groupStays: Bool) {
        var notes = spec.notes
        if let old = spec.replaced { try await stop(old, cleanUp) }
        let id = try await create(group, cleanUp)
        let groupStays = spec.version < APIVersion(minor: 1)
        if groupStays {
            notes.append(
                try await GroupAttachment(prism: prism, machine: id, name: spec.name)
                    .attach(group, index: nil, cleanUp))
        }
        let made = try await Hydration(prism: prism).wait(for: id)
        if Task.isCancelled { throw .cancelled }
        if let old = spec.replaced {
            notes += await replace(old, by: id, cleanUp)
        }
        notes += MachineComparison(spec: spec).differences(made)
        if spec.request.powersOn { notes += await switchOn(id) }
        return (RestoreOutcome(id: id, name: spec.name, notes: notes), groupStays)
    }

    private func create(_ group: TemporaryVolumeGroup, _ cleanUp: CleanUp) async throws(PrismError) -> String {
        let before = Set(try await prism.machines(named: spec.name).map(\.id))
        cleanUp.add("removed the unfinished VM '\(spec.name)'") { () async throws(PrismError) in
            try await self.removeStrays(notIn: before, group)
        }
        let body = spec.body(group: group, withNICs: spec.replaced == nil)
        let task = try await prism.run("POST", .machines, PrismClient.machines, body: body)
        if let id = try await prism.made("vmm:ahv:config:vm", by: task) { return id }
        let found = try await prism.machines(named: spec.name).map(\.id).filter { !before.contains($0) }
        guard let id = found.first, found.count == 1 else {
            throw PrismError(.failed, "Prism made the VM '\(spec.name)' and did not say which")
        }
        return id
    }

    /// A failed task may have left a VM. It is ours if it is new, has our name, and its disks come from our group or
    /// it has none yet.
    private func removeStrays(notIn before: Set<String>, _ group: TemporaryVolumeGroup) async throws(PrismError) -> Bool
    {
        var isAnyGone = false
        for machine in try await prism.machines(named: spec.name) where !before.contains(machine.id) {
            let sources = (machine.record["disks"]?.array ?? []).compactMap {
                $0["backingInfo"]?["dataSource"]?["reference"]?["volumeGroupExtId"]?.string
                    ?? $0["backingInfo"]?["volumeGroupExtId"]?.string
            }
            guard sources.contains(group.id) || machine.disks.isEmpty else { continue }
            if machine.isPoweredOn { try await power.off(machine.id) }
            try await prism.delete(.machines, "\(PrismClient.machines)/\(PrismCall.segment(machine.id))")
            isAnyGone = true
        }
        return isAnyGone
    }

    // MARK: In place

    private func stop(_ old: PrismMachine, _ cleanUp: CleanUp) async throws(PrismError) {
        guard try await prism.machine(old.id).isPoweredOn else { return }
        cleanUp.add("powered the original VM '\(old.name)' on again") { () async throws(PrismError) in
            try await self.power.on(old.id)
            return true
        }
        try await power.off(old.id)
    }

    /// From the removal of the original on, the new VM stays whatever happens.
    private func replace(_ old: PrismMachine, by id: String, _ cleanUp: CleanUp) async -> [String] {
        let place = "\(PrismClient.machines)/\(PrismCall.segment(id))"
        var notes: [String] = []
        cleanUp.forget()
        do throws(PrismError) {
            try await prism.delete(.machines, "\(PrismClient.machines)/\(PrismCall.segment(old.id))")
        } catch {
            notes.append("the original VM \(old.id) could not be removed, it is powered off: \(error.message)")
        }
        for nic in spec.nics {
            do throws(PrismError) {
                _ = try await prism.run("POST", .machines, "\(place)/nics", body: nic, stateOf: place)
            } catch {
                notes.append("a network card could not be added: \(error.message)")
            }
        }
        return notes
    }

    private func switchOn(_ id: String) async -> [String] {
        do throws(PrismError) {
            try await power.on(id)
            return []
        } catch {
            return ["the VM is complete but could not be powered on: \(error.message)"]
        }
    }
}

/// Turns VMs on and off.
struct PowerSwitch: Sendable {
    let prism: PrismClient

    func on(_ id: String) async throws(PrismError) { try await turn(id, "power-on", until: true) }

    func off(_ id: String) async throws(PrismError) { try await turn(id, "power-off", until: false) }

    private func turn(_ id: String, _ action: String, until isOn: Bool) async throws(PrismError) {
        let place = "\(PrismClient.machines)/\(PrismCall.segment(id))"
        guard try await prism.machine(id).isPoweredOn != isOn else { return }
        _ = try await prism.run("POST", .machines, "\(place)/$actions/\(action)", stateOf: place)
        for _ in 0..<60 {
            if try await prism.machine(id).isPoweredOn == isOn { return }
            do { try await Task.sleep(for: .milliseconds(500)) } catch { throw .cancelled }
        }
        throw PrismError(.timedOut, "the VM did not reach the power state that it was asked for (\(action))")
    }
}
