/// What became of an export.
package struct AzureExported: Sendable {
    package struct Disk: Sendable {
        package let label: String
        package let name: String
        /// The whole id of the managed disk; the address of the blob when only VHDs were uploaded.
        package let id: String
        /// Bytes of the disk in Azure.
        package let size: UInt64
        /// Bytes that hold data.
        package let used: UInt64
        /// Bytes that went over the network by this run, in pages.
        package let sent: UInt64
        /// Bytes of the disk that an interrupted export had done.
        package let resumed: UInt64
        /// Bytes that were read back and compared.
        package let verified: UInt64
        /// The page blob that stays, without a signature; nil for direct upload.
        package let blob: String?
    }

    /// The whole id; nil when only VHDs were uploaded.
    package let machine: String?
    /// Whether the VM runs.
    package let isRunning: Bool
    package let disks: [Disk]
    /// Of this run: the value of the tag `ahvault-run`.
    package let run: String
    package let remarks: [String]
    /// Wall time.
    package let seconds: Double
}
