package import Engine

/// A VM of a restore point that shall run in Azure: facts of the restore point, and what was chosen.
package struct AzureExportRequest: Sendable {
    package struct Disk: Sendable {
        /// Its place in the restore point, such as `scsi.0`: what messages call it.
        package let label: String
        /// Bytes.
        package let size: UInt64
        /// Text that is the same exactly for the same bytes, such as the id of the disk's tree.
        package let content: String
        /// What its first sectors say; nil when nobody looked. Only the boot disk's counts.
        package let partitions: PartitionTable?

        package init(label: String, size: UInt64, content: String, partitions: PartitionTable? = nil) {
            self.label = label
            self.size = size
            self.content = content
            self.partitions = partitions
        }
    }

    /// How the VM started where it came from.
    package enum Boot: String, Sendable {
        case legacy, uefi
    }

    package enum Guest: String, Sendable, CaseIterable {
        case linux = "Linux"
        case windows = "Windows"
    }

    /// The generation of virtual machines of Hyper-V: how a disk is started.
    package enum Generation: String, Sendable, CaseIterable, Codable {
        /// BIOS.
        case first = "V1"
        /// UEFI.
        case second = "V2"
    }

    /// What is read back and compared once the bytes are there.
    package enum Verification: String, Sendable, CaseIterable {
        case off, sampled, full
    }

    // What the restore point says.

    /// Which restore point: a part of tags, and of what a resumed export is compared with.
    package var restorePoint: String
    package var vmName: String
    package var cpus: Int
    /// Bytes.
    package var memory: UInt64
    /// Nil when the restore point does not tell.
    package var boot: Boot?
    /// The boot disk first; the others become data disks in this order.
    package var disks: [Disk]

    // What was chosen.

    /// Of the VM in Azure; nil takes the restore point's, with what Azure does not take replaced.
    package var name: String?
    /// Such as `Standard_D2s_v5`; nil for the smallest that is large enough.
    package var size: String?
    package var generation: Generation?
    /// Nil is refused when a VM is made: Azure wants to be told.
    package var guest: Guest?
    /// Names of disks by their labels, instead of NAME-os and NAME-data-N.
    package var diskNames: [String: String] = [:]
    /// Nil takes the configuration's.
    package var network: NetworkChoice?
    /// A fixed address in the subnet; nil for any.
    package var privateAddress: String?
    /// Besides the configuration's.
    package var tags: [String: String] = [:]
    package var trustedLaunch = false
    package var secureBoot = true
    package var acceleratedNetworking = false
    /// Whether the VM runs when all is done; else it is stopped and its processors are not paid for.
    package var powersOn = false
    /// Whether what was made stays when the export fails, for a later one that goes on.
    package var keepsPartial = false
    package var verification = Verification.sampled

    package init(
        restorePoint: String, vmName: String, cpus: Int, memory: UInt64, boot: Boot?, disks: [Disk]
    ) {
        self.restorePoint = restorePoint
        self.vmName = vmName
        self.cpus = cpus
        self.memory = memory
        self.boot = boot
        self.disks = disks
    }

    /// What every byte that is uploaded depends on: an export with another one cannot go on where this one stopped.
    var subject: String {
        ([restorePoint] + disks.map { "\($0.label) \($0.size) \($0.content)" }).joined(separator: "\n")
    }
}
