import Engine
import Wire

/// Starts restores: finds the place, makes blank disks, logs in to them.
struct RestoreStart: Sendable {
    let prism: PrismClient
    let configuration: AHVConfiguration
    let inventory: PrismInventory

    func machine(_ request: VMRestoreRequest) async throws(PrismError) -> AHVRestore {
        guard !request.disks.isEmpty else {
            throw PrismError(.unsupported, "the restore point of '\(request.originalName)' has no disks to restore")
        }
        let name = request.name ?? request.originalName
        guard (1...80).contains(name.count), !name.contains(where: { $0 == "'" || $0 == "\"" }) else {
            throw PrismError(.configuration, "a VM's name has 1 to 80 characters and no quotes: '\(name)'")
        }
        let captured = try MachineConfiguration(request.configuration)
        let place = try RestorePlaceFinder(
            inventory: inventory, configuration: captured, mapping: request.mapping
        ).find(disks: request.disks, withNetworks: true)
        let original = try await prism.machineIfPresent(request.originalID)
        let version = try await prism.versions.version(of: .machines, at: prism)
        let spec = MachineSpec(
            captured: captured, request: request, place: place, inventory: inventory, version: version,
            original: original)
        return try await open(
            place, request.disks, run: request.runName, label: request.originalName,
            MachineEnding(prism: prism, spec: spec))
    }

    func disk(_ request: DiskRestoreRequest) async throws(PrismError) -> AHVRestore {
        let captured = try MachineConfiguration(request.configuration)
        let ending: any RestoreEnding
        var mapping = request.mapping
        switch request.destination {
        case .volumeGroup(let name):
            guard try await prism.volumeGroups(withPrefix: name).allSatisfy({ $0["name"]?.string != name }) else {
                throw PrismError(.alreadyExists, "there is a volume group '\(name)' already: choose another name")
            }
            ending = GroupEnding(prism: prism, name: name)
        case .attach(let name, let address):
            let machine = try await prism.machine(idOrName: name)
            if let wanted = mapping.cluster, try clusterID(wanted) != machine.clusterID {
                throw PrismError(.configuration, "the VM '\(machine.name)' is not on the cluster '\(wanted)'")
            }
            mapping.cluster = machine.clusterID
            let free = try FreeAddress(machine).choose(address, like: request.disk.address)
            ending = DiskEnding(prism: prism, machine: machine, address: free, disk: request.disk)
        }
        let place = try RestorePlaceFinder(inventory: inventory, configuration: captured, mapping: mapping)
            .find(disks: [request.disk], withNetworks: false)
        return try await open(
            place, [request.disk], run: request.runName, label: request.disk.address.description, ending)
    }

    private func clusterID(_ nameOrID: String) throws(PrismError) -> String {
        guard let cluster = inventory.clusters.first(where: { $0.id == nameOrID || $0.name == nameOrID }) else {
            throw PrismError(.configuration, "there is no cluster '\(nameOrID)'")
        }
        return cluster.id
    }

    private func open(
        _ place: RestorePlace, _ disks: [RestoreDisk], run: String, label: String,
        _ ending: any RestoreEnding
    ) async throws(PrismError) -> AHVRestore {
        let access = try configuration.access(to: place.cluster)
        let name = configuration.owner.name(run: run, label: label)
        let origins = zip(disks, place.containers).map { DiskOrigin.empty(container: $1, size: $0.size) }
        let group = try await TemporaryVolumeGroup.make(
            prism, name: name, cluster: place.cluster, disks: origins, access: access)
        let connection = VolumeConnection(group.endpoint, disks: group.disks, logger: prism.logger)
        do throws(PrismError) {
            if Task.isCancelled { throw .cancelled }
            for (made, wanted) in zip(group.disks, disks) where made.size != wanted.size {
                throw PrismError(
                    .failed, "Prism made a disk of \(made.size) bytes for \(wanted.address), which has \(wanted.size)")
            }
            _ = try await connection.open()
        } catch {
            let left = await group.remove()
            throw left.isEmpty ? error : error.during(left.joined(separator: "; "))
        }
        return AHVRestore(prism, group: group, connection: connection, ending: ending)
    }
}

extension PrismClient {
    func machineIfPresent(_ id: String) async throws(PrismError) -> PrismMachine? {
        do throws(PrismError) { return try await machine(id) } catch {
            if error.isMissing { return nil } else { throw error }
        }
    }
}

/// Finds where a disk can be plugged into a VM.
struct FreeAddress: Sendable {
    private let taken: Set<DiskAddress>
    private let name: String

    /// How many places a bus has.
    private static let places = ["scsi": 256, "pci": 7, "sata": 6, "ide": 4]

    init(_ machine: PrismMachine) {
        name = machine.name
        taken = Set(machine.disks.map(\.address) + machine.cdRoms.compactMap(PrismMachine.address))
    }

    /// The wanted address, or the next free one on the bus that the disk came from.
    /// - Throws: `alreadyExists` if the wanted one is taken; `configuration` if it is none, or the bus is full.
    func choose(_ wanted: DiskAddress?, like original: DiskAddress) throws(PrismError) -> DiskAddress {
        let bus = wanted?.bus ?? original.bus
        guard let places = Self.places[bus] else {
            throw PrismError(.configuration, "there is no bus '\(bus)': choose scsi, sata, ide or pci")
        }
        guard let wanted else {
            if let index = (0..<places).first(where: { !taken.contains(DiskAddress(bus: bus, index: $0)) }) {
                return DiskAddress(bus: bus, index: index)
            }
            throw PrismError(.configuration, "the bus \(bus) of '\(name)' is full: choose another one")
        }
        guard wanted.index < places else {
            throw PrismError(.configuration, "\(wanted) does not exist: \(bus) has places 0 to \(places - 1)")
        }
        guard !taken.contains(wanted) else {
            throw PrismError(.alreadyExists, "\(wanted) of '\(name)' is taken: choose a free address")
        }
        return wanted
    }
}
