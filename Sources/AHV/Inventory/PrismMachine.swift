import Engine

/// A VM as Prism describes it.
struct PrismMachine: Sendable {
    let record: JSONValue

    var id: String { record.extID ?? "" }
    var name: String { record["name"]?.string ?? id }
    var clusterID: String { record["cluster"]?.extID ?? "" }
    var isPoweredOn: Bool { record["powerState"]?.string == "ON" }
    var categoryIDs: [String] { (record["categories"]?.array ?? []).compactMap(\.extID) }
    /// Changes when the VM is restored, reverted or replaced by another.
    var generation: String { record["generationUuid"]?.string ?? "" }
    var createTime: String { record["createTime"]?.string ?? "" }

    struct Disk: Sendable {
        let id: String
        let address: DiskAddress
        /// Bytes; 0 when Prism does not say.
        let size: UInt64
        let containerID: String?
        /// Why it is no disk of the VM's own.
        let exclusion: String?
        let isHydrating: Bool
        let hydrationFailed: Bool
    }

    var disks: [Disk] {
        (record["disks"]?.array ?? []).compactMap { item in
            guard let address = Self.address(item) else { return nil }
            let backing = item["backingInfo"]
            let group = backing?["volumeGroupExtId"]?.string
            let hydration = backing?["vmDiskHydrationInfo"]?["diskHydrationStatus"]?.string
            return Disk(
                id: backing?["diskExtId"]?.string ?? item.extID ?? address.description, address: address,
                size: backing?["diskSizeBytes"]?.bytes ?? 0,
                containerID: backing?["storageContainer"]?.extID,
                exclusion: group.map { "it belongs to the volume group \($0), which is not part of the VM" },
                isHydrating: hydration == "IN_PROGRESS", hydrationFailed: hydration == "FAILED")
        }
    }

    var cdRoms: [JSONValue] { record["cdRoms"]?.array ?? [] }
    var nics: [JSONValue] { record["nics"]?.array ?? [] }

    /// Devices that a backup leaves out, each with its reason.
    var skipped: [String] {
        let groups = disks.compactMap { disk in disk.exclusion.map { "\(disk.address) (disk): \($0)" } }
        let trays = cdRoms.compactMap(Self.address).map { "\($0) (CD-ROM): not part of a backup" }
        return groups + trays
    }

    static func address(_ device: JSONValue) -> DiskAddress? {
        guard let bus = device["diskAddress"]?["busType"]?.string,
            let index = device["diskAddress"]?["index"]?.integer, (0..<65536).contains(index)
        else { return nil }
        return DiskAddress(bus: bus, index: Int(index))
    }
}

extension PrismClient {
    static let machines = "ahv/config/vms"

    func allMachines() async throws(PrismError) -> [PrismMachine] {
        try await list(.machines, Self.machines).map { PrismMachine(record: $0) }
    }

    func machine(_ id: String) async throws(PrismError) -> PrismMachine {
        PrismMachine(record: try await object(.machines, "\(Self.machines)/\(PrismCall.segment(id))"))
    }

    func machines(named name: String) async throws(PrismError) -> [PrismMachine] {
        try await list(.machines, Self.machines, filter: "name eq \(PrismCall.literal(name))")
            .map { PrismMachine(record: $0) }.filter { $0.name == name }
    }

    /// The one VM with this id or name.
    /// - Throws: `notFound`, or `configuration` if several share the name.
    func machine(idOrName: String) async throws(PrismError) -> PrismMachine {
        if idOrName.utf8.count == 36, idOrName.utf8.filter({ $0 == UInt8(ascii: "-") }).count == 4 {
            do throws(PrismError) { return try await machine(idOrName) } catch { if !error.isMissing { throw error } }
        }
        let found = try await machines(named: idOrName)
        guard let first = found.first else { throw PrismError(.notFound, "there is no VM '\(idOrName)'") }
        guard found.count == 1 else {
            let ids = found.map(\.id).joined(separator: ", ")
            throw PrismError(.configuration, "several VMs are called '\(idOrName)': give the id, one of \(ids)")
        }
        return first
    }
}
