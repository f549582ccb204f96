/// A VM that is made of disks from elsewhere.
package struct ImportedMachine: Sendable {
    package struct Disk: Sendable {
        package let address: DiskAddress
        package let content: any BlockReader
        /// What the image is, for messages: its path.
        package let name: String

        package init(address: DiskAddress, content: any BlockReader, name: String) {
            self.address = address
            self.content = content
            self.name = name
        }

        /// Disks of VMs have whole sectors: zeros follow when the image ends within one.
        var size: UInt64 { (content.size + 511) / 512 * 512 }
    }

    package let name: String
    package let disks: [Disk]
    /// The VM as the source that it shall be restored to describes its own.
    package let configuration: JSONValue

    package init(name: String, disks: [Disk], configuration: JSONValue) {
        self.name = name
        self.disks = disks
        self.configuration = configuration
    }

    /// What it is known by in a repository: another import of the same name is its next restore point.
    package var id: String { "import:" + name }

    package var virtualMachine: VirtualMachine {
        VirtualMachine(
            id: id, name: name, clusterID: ImportSource.name, clusterName: ImportSource.name, isPoweredOn: false,
            categories: [:],
            disks: disks.map { VirtualMachine.Disk(id: $0.address.description, address: $0.address, size: $0.size) })
    }
}
