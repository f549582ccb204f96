import Engine

/// Names and sizes of the disks in Azure.
struct DiskPlanning: Sendable {
    let request: AzureExportRequest
    let settings: AzureSubscription.Settings
    let name: String

    /// - Throws: `.unsupported` for a disk that Azure cannot hold; `.configuration` for a name that cannot be.
    func disks() throws(EngineError) -> [AzurePlan.Disk] {
        var disks: [AzurePlan.Disk] = []
        for (index, disk) in request.disks.enumerated() {
            let size = try size(of: disk)
            let diskName =
                request.diskNames[disk.label] ?? (index == 0 ? "\(name)-os" : "\(name)-data-\(index - 1)")
            try ResourceName.check(diskName, of: .disk)
            guard !disks.contains(where: { $0.name.lowercased() == diskName.lowercased() }) else {
                throw EngineError(.configuration, "two disks cannot both be called \(diskName)")
            }
            let prefix = settings.pageBlob?.prefix ?? ""
            disks.append(
                AzurePlan.Disk(
                    label: disk.label, name: diskName, size: size, lun: index == 0 ? nil : index - 1,
                    blob: settings.mode == .managedDisks ? nil : prefix + diskName + ".vhd"))
        }
        for label in request.diskNames.keys where !request.disks.contains(where: { $0.label == label }) {
            throw EngineError(.configuration, "the restore point has no disk \(label)")
        }
        return disks
    }

    private func size(of disk: AzureExportRequest.Disk) throws(EngineError) -> UInt64 {
        let most =
            settings.mode == .managedDisks
            ? AzureLimits.largestDisk : AzureLimits.largestBlob - AzureLimits.mebibyte
        guard disk.size > 0, disk.size <= most else {
            throw EngineError(
                .unsupported,
                "disk \(disk.label) has \(ByteCount(disk.size)): Azure takes disks of up to \(ByteCount(most)) this way"
            )
        }
        let rounded = (disk.size + AzureLimits.mebibyte - 1) / AzureLimits.mebibyte * AzureLimits.mebibyte
        return max(rounded, AzureLimits.smallestDisk)
    }
}
