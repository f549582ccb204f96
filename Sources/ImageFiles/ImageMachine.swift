import Engine
import Glibc

/// A VM of the configuration, checked, with absolute paths.
struct ImageMachine: Sendable {
    struct Disk: Sendable {
        let id: String
        let address: DiskAddress
        let path: String
        /// The list of changed regions, if there is one.
        let changes: String?
    }

    let id: String
    let name: String
    let categories: [String: [String]]
    let disks: [Disk]

    init(_ settings: ImageFilesSource.MachineSettings, in context: PluginContext) throws(EngineError) {
        name = settings.name
        id = settings.id ?? settings.name
        categories = (settings.categories ?? [:]).mapValues { [$0] }
        guard !id.isEmpty, !name.isEmpty else { throw EngineError(.configuration, "a machine has an empty name or id") }
        var disks: [Disk] = []
        for (index, disk) in settings.disks.enumerated() {
            let text = disk.address ?? "scsi.\(index)"
            guard let address = DiskAddress(text) else {
                throw EngineError(.configuration, "machine \(name): `\(text)` is no disk address such as `scsi.0`")
            }
            guard !disk.path.isEmpty else { throw EngineError(.configuration, "machine \(name): \(text) has no path") }
            disks.append(
                Disk(
                    id: disk.id ?? address.description, address: address, path: context.resolve(disk.path),
                    changes: disk.changes.map { context.resolve($0) }))
        }
        guard Set(disks.map(\.address)).count == disks.count, Set(disks.map(\.id)).count == disks.count else {
            throw EngineError(.configuration, "machine \(name): two disks share an address or id")
        }
        self.disks = disks
    }

    /// The VM as an inventory shows it; a disk whose file cannot be looked at is shown with no bytes.
    var virtualMachine: VirtualMachine {
        VirtualMachine(
            id: id, name: name, clusterID: ImageFilesSource.name, clusterName: ImageFilesSource.name,
            isPoweredOn: false, categories: categories,
            disks: disks.map { disk in
                let size = try? OpenFile(disk.path, O_RDONLY).status().st_size
                return VirtualMachine.Disk(id: disk.id, address: disk.address, size: UInt64(max(0, size ?? 0)))
            })
    }
}
