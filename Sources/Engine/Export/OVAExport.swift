/// A whole restore point that shall leave as one file.
package struct OVAExport: Sendable {
    /// Makes the description of the VM from the configuration that the restore point has kept, and says what does not go
    /// along.
    package typealias Describe = @Sendable (JSONValue, [Manifest.Disk]) -> (machine: OVFMachine, remarks: [String])

    package let disks: [Manifest.Disk]
    package let format: any ImageFormat
    package let place: ExportPlace
    package let describe: Describe
    /// Whether the file is digested.
    package var hasDigest = true

    package init(
        _ disks: [Manifest.Disk], as format: any ImageFormat, to place: ExportPlace, describe: @escaping Describe
    ) {
        self.disks = disks
        self.format = format
        self.place = place
        self.describe = describe
    }
}

/// What became of a restore point that left as one file.
package struct ExportedOVA: Sendable {
    package let file: ExportedDisk.File
    package let disks: Int
    /// Bytes of all disks.
    package let size: UInt64
    package let remarks: [String]
    /// Wall time.
    package let seconds: Double
}
