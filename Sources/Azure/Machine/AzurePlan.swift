import Engine

/// Everything that an export will make and use in Azure, each with its full name.
package struct AzurePlan: Sendable {
    package enum Action: String, Sendable {
        /// It is not there and will be made.
        case create
        /// It is there and is used as it is.
        case use
        /// It was made by the interrupted export that goes on.
        case `continue`
    }

    /// A resource.
    package struct Entry: Sendable {
        package let kind: ResourceKind
        package let name: String
        /// Its whole id.
        package let id: String
        package let action: Action
        /// One phrase: size, region, what is in it.
        package let detail: String
    }

    /// A disk and its image.
    package struct Disk: Sendable {
        /// As the restore point names it.
        package let label: String
        package let name: String
        /// Bytes of the disk in Azure: whole MiB, at least 20.
        package let size: UInt64
        /// Where it is attached; nil for the boot disk.
        package let lun: Int?
        /// The page blob that it goes through; nil for direct upload.
        package let blob: String?

        /// Bytes of the VHD.
        package var uploadSize: UInt64 { size + AzureLimits.footer }
        package var isBoot: Bool { lun == nil }
    }

    package let request: AzureExportRequest
    package let mode: AzureSubscription.Mode
    /// The VM's name, and the beginning of others.
    package let name: String
    package let location: String
    package let disks: [Disk]
    /// In the order in which they are made.
    package let entries: [Entry]
    /// Nil when no VM is made.
    package let machineSize: MachineSize?
    package let generation: AzureExportRequest.Generation?
    package let network: NetworkChoice
    /// What to know before it is carried out, one sentence each.
    package let remarks: [String]
    /// The run whose work goes on; nil for a new one.
    let resumed: AzureJournal?

    /// What `--dry-run` prints.
    package var lines: [String] {
        let total = disks.reduce(UInt64(0)) { $0 + $1.size }
        var lines = ["\(request.vmName), restore point \(request.restorePoint), to \(location): \(ByteCount(total))"]
        if let machineSize, let generation {
            lines.append(
                "size \(machineSize.name): \(machineSize.cpus) CPUs, \(ByteCount(machineSize.memory)); "
                    + "generation \(generation == .first ? 1 : 2)")
        }
        for entry in entries {
            lines.append("\(entry.action.rawValue) \(entry.kind.title) \(entry.name) (\(entry.detail))")
            lines.append("    \(entry.id)")
        }
        for disk in disks {
            if let blob = disk.blob { lines.append("upload \(disk.label) to the page blob \(blob)") }
        }
        return lines + remarks.map { "note: \($0)" }
    }
}

/// What Azure takes at most and at least.
package enum AzureLimits {
    /// Bytes behind the disk in a fixed VHD.
    package static let footer: UInt64 = 512
    package static let smallestDisk: UInt64 = 20 << 20
    package static let largestDisk: UInt64 = 32 << 40
    /// A page blob has at most so many bytes.
    package static let largestBlob: UInt64 = 8 << 40
    /// Disks that a VM starts from, by generation.
    package static let largestBootDisk: UInt64 = 4095 << 30
    package static let largestFirstGenerationBootDisk: UInt64 = 2 << 40
    static let mebibyte: UInt64 = 1 << 20
}
