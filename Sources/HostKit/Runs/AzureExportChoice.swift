import AHV
import Azure
import Engine

/// What an export to Azure was asked for, and what that means for a restore point.
struct AzureExportChoice: Sendable {
    let machine: AzureMachineOptions
    let network: AzureNetworkOptions
    let mode: AzureUploadMode?
    let verification: AzureVerification
    var isDryRun = false
    var resumes = false
    var keepsPartial = false
    var discards = false
    var looksAtDisks = true

    init(
        machine: AzureMachineOptions, network: AzureNetworkOptions, mode: AzureUploadMode?,
        verification: AzureVerification
    ) {
        self.machine = machine
        self.network = network
        self.mode = mode
        self.verification = verification
    }

    /// What the command line says in place of the configuration.
    /// - Throws: `.configuration` for a mode that is not configured.
    func changes(of place: AzurePlaceSettings, named name: String) throws(EngineError) -> AzurePlaceSettings.Changes {
        var changes: AzurePlaceSettings.Changes = [:]
        if let group = network.resourceGroup { changes["resourceGroup"] = .some(group) }
        if let type = machine.diskType { changes["diskType"] = .some(type) }
        if let zone = machine.zone { changes["zone"] = .some(zone) }
        if mode == .managedDisk { changes["pageBlob"] = .some(nil) }
        guard mode != .pageBlob || place.hasPageBlob else {
            throw EngineError(.configuration, "--mode page-blob: `azure.\(name)` has no `pageBlob`")
        }
        return changes
    }

    /// The disks with the one that the VM starts from first.
    /// - Throws: `.notFound` naming what there is.
    func ordered(_ disks: [Manifest.Disk]) throws(EngineError) -> [Manifest.Disk] {
        guard let name = machine.osDisk else { return disks }
        guard let index = disks.firstIndex(where: { $0.address.description == name || $0.id == name }) else {
            let known = disks.map { "\($0.address)" }.joined(separator: ", ")
            throw EngineError(.notFound, "the restore point has no disk `\(name)`; it has: \(known)")
        }
        var ordered = disks
        ordered.insert(ordered.remove(at: index), at: 0)
        return ordered
    }

    /// What the disks are looked at for.
    func preflight(of described: ExportedConfiguration) -> AzurePreflight.Machine {
        var machine = AzurePreflight.Machine(firmware: described.isKnown ? described.machine.firmware : nil)
        machine.hasSecureBoot = described.machine.hasSecureBoot
        machine.generation = self.machine.generation.map { $0 == .first ? .one : .two }
        machine.isTrustedLaunch = self.machine.trustedLaunch == .on
        return machine
    }

    /// - Parameters:
    ///   - disks: the one that the VM starts from first.
    ///   - partitions: of that one.
    ///   - report: of the look at the disks; nil without one.
    func request(
        for manifest: Manifest, _ disks: [Manifest.Disk], _ described: ExportedConfiguration,
        partitions: PartitionTable?, _ report: PreflightReport?, configured: NetworkChoice?
    ) -> AzureExportRequest {
        var request = AzureExportRequest(
            restorePoint: "\(manifest.id)", vmName: manifest.vm.name, cpus: described.machine.processors,
            memory: described.machine.memory,
            boot: described.isKnown ? (described.machine.firmware == .uefi ? .uefi : .legacy) : nil,
            disks: disks.enumerated().map { index, disk in
                AzureExportRequest.Disk(
                    label: "\(disk.address)", size: disk.size, content: disk.root.map { "\($0.id)" } ?? "zero",
                    partitions: index == 0 ? partitions : nil)
            })
        request.name = machine.name
        request.size = machine.size
        request.generation = machine.generation?.value
        request.guest = machine.os?.value ?? report?.system.map { $0 == .linux ? .linux : .windows }
        request.network = network.choice(over: configured)
        request.privateAddress = network.privateAddress
        for tag in machine.tag { request.tags[tag.key] = tag.value }
        request.trustedLaunch = machine.trustedLaunch == .on
        request.acceleratedNetworking = machine.acceleratedNetworking
        request.powersOn = !machine.powerOff
        request.keepsPartial = keepsPartial
        request.verification = verification.value
        return request
    }
}
