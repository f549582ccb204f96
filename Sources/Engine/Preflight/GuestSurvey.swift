/// The disks of a machine with everything on them that a signature tells.
struct GuestSurvey: Sendable {
    struct Volume: Sendable {
        let volume: GuestVolume
        let signature: VolumeSignature?
        /// Number of its disk, from 0, and of its partition; nil for volumes of LVM.
        let place: (disk: Int, partition: Int)?

        var name: String { volume.name }
    }

    let disks: [InspectedDisk]
    /// One for each disk.
    let layouts: [DiskLayout]
    private(set) var volumes: [Volume] = []
    /// What could not be read.
    private(set) var findings: [PreflightFinding] = []

    var holdsNTFS: Bool { volumes.contains { $0.signature?.kind == .ntfs } }

    /// What the kinds of volumes beside the system's speak for; nil when both or neither would do.
    var probableSystem: PreflightReport.System? {
        let kinds = Set(volumes.filter { $0.place.map { $0.disk == 0 } ?? true }.compactMap { $0.signature?.kind })
        let isLinux = !kinds.isDisjoint(with: [.ext2, .ext3, .ext4, .xfs, .btrfs, .lvm, .luks, .raid, .swap])
        let isWindows = !kinds.isDisjoint(with: [.ntfs, .refs, .bitLocker])
        return isLinux == isWindows ? nil : isLinux ? .linux : .windows
    }

    static func take(of disks: [InspectedDisk]) async throws(EngineError) -> GuestSurvey {
        var layouts: [DiskLayout] = []
        var volumes: [Volume] = []
        var findings: [PreflightFinding] = []
        for (number, disk) in disks.enumerated() {
            let (layout, unread) = try await attempt(disk.name) { () async throws(EngineError) in
                try await DiskLayout.read(disk)
            }
            findings += unread
            layouts.append(layout ?? DiskLayout(table: .none, partitions: [], hasBootCode: false, isFromBackup: false))
            for partition in layout?.partitions ?? [] {
                let name = partition.number == 0 ? disk.name : "partition \(partition.number) of \(disk.name)"
                let volume = GuestVolume(name, on: disk, partition.range)
                let (found, unread) = try await look(at: volume)
                findings += unread
                volumes.append(
                    Volume(volume: volume, signature: found, place: (disk: number, partition: partition.number)))
            }
        }
        var survey = GuestSurvey(disks: disks, layouts: layouts)
        survey.volumes = volumes
        survey.findings = findings
        return try await survey.withLogicalVolumes()
    }

    private init(disks: [InspectedDisk], layouts: [DiskLayout]) {
        self.disks = disks
        self.layouts = layouts
    }

    private func withLogicalVolumes() async throws(EngineError) -> GuestSurvey {
        var survey = self
        var physical: [LVMPhysicalVolume] = []
        for volume in volumes where volume.signature?.kind == .lvm {
            let (found, unread) = try await Self.attempt(volume.name) { () async throws(EngineError) in
                try await LVMPhysicalVolume.read(volume.volume)
            }
            survey.findings += unread
            if let found, let found { physical.append(found) }
        }
        let groups = LVMGroups(physical)
        for name in groups.incomplete {
            survey.findings.append(
                PreflightFinding(
                    .warning, .fileSystem, "a disk of the volume group \(name) is not among the exported ones",
                    remedy: "export all disks of the VM"))
        }
        for logical in groups.volumes {
            guard let volume = logical.volume else {
                survey.findings.append(
                    PreflightFinding(
                        .info, .notLookedAt, "the volume \(logical.name) is not linear and was not looked into"))
                continue
            }
            let (found, unread) = try await Self.look(at: volume)
            survey.findings += unread
            survey.volumes.append(Volume(volume: volume, signature: found, place: nil))
        }
        return survey
    }

    private static func look(
        at volume: GuestVolume
    ) async throws(EngineError) -> (VolumeSignature?, [PreflightFinding]) {
        let (found, unread) = try await attempt(volume.name) { () async throws(EngineError) in
            try await VolumeSignature.read(volume)
        }
        return (found ?? nil, unread)
    }

    private static func attempt<R: Sendable>(
        _ what: String, _ body: () async throws(EngineError) -> R
    ) async throws(EngineError) -> (R?, [PreflightFinding]) {
        do throws(EngineError) {
            return (try await body(), [])
        } catch {
            guard error.kind != .cancelled else { throw error }
            return (nil, [PreflightFinding(.warning, .notLookedAt, "\(what) could not be read: \(error.message)")])
        }
    }
}

extension GuestSurvey.Volume {
    /// The file system in it, when there is a reader for it.
    func open() async throws(EngineError) -> GuestTree? {
        guard let kind = signature?.kind else { return nil }
        if kind.isExt { return GuestTree(try await ExtFileSystem.open(volume)) }
        if kind == .xfs { return GuestTree(try await XFSFileSystem.open(volume)) }
        if kind == .fat { return GuestTree(try await FATFileSystem.open(volume)) }
        return nil
    }
}
