/// Whether the file systems of `/etc/fstab` are found when disks have other names.
struct FstabRules {
    let system: LinuxSystem
    let survey: GuestSurvey

    func findings() async throws(EngineError) -> [PreflightFinding] {
        guard let root = system.root else { return [] }
        guard let text = try await root.text("/etc/fstab") else { return [] }
        return FstabEntry.entries(of: text).compactMap { finding($0) }
    }

    private func finding(_ entry: FstabEntry) -> PreflightFinding? {
        if let device = DeviceName(entry.source) { return named(entry, device) }
        for folder in ["by-path", "by-id"] where entry.source.hasPrefix("/dev/disk/\(folder)/") {
            return PreflightFinding(
                entry.isOptional ? .warning : .problem, .fstab,
                "/etc/fstab mounts \(entry.folder) from \(entry.source), which names the disk's place at the old host",
                remedy: "put UUID=… in its place; `blkid \(entry.source)` tells it")
        }
        return unknown(entry) ?? swap(entry)
    }

    private func named(_ entry: FstabEntry, _ device: DeviceName) -> PreflightFinding {
        let id = signature(of: device)?.id.map { "UUID=\($0)" }
        let remedy =
            id.map { "in /etc/fstab put `\($0)` in place of `\(entry.source)`" }
            ?? "in /etc/fstab put UUID=… in place of `\(entry.source)`; `blkid \(entry.source)` tells it"
        let isFatal = device.isGone && !entry.isOptional
        return PreflightFinding(
            isFatal ? .problem : .warning, .fstab,
            "/etc/fstab \(entry.isSwap ? "swaps to" : "mounts \(entry.folder) from") \(entry.source), which "
                + (device.isGone ? "does not exist in Azure" : "may be another disk in Azure"),
            remedy: remedy)
    }

    /// Disks that bear letters come in the order of their places, which is that of the export.
    private func signature(of device: DeviceName) -> VolumeSignature? {
        guard let disk = device.disk else { return nil }
        return survey.volumes.first { $0.place.map { $0 == (disk, device.partition ?? 0) } ?? false }?.signature
    }

    /// A UUID that nothing on the disks has.
    private func unknown(_ entry: FstabEntry) -> PreflightFinding? {
        let hidesVolumes = survey.volumes.contains { $0.signature?.kind.isOpaque == true } || !survey.findings.isEmpty
        guard let uuid = entry.uuid, !entry.isOptional, !hidesVolumes,
            !survey.volumes.contains(where: { $0.signature?.id?.lowercased() == uuid.lowercased() })
        else { return nil }
        return PreflightFinding(
            .warning, .fstab,
            "/etc/fstab mounts \(entry.folder) from UUID=\(uuid), which is on none of the exported disks",
            remedy: "export its disk too, or add `nofail` to its options: the VM waits for it and does not come up")
    }

    private func swap(_ entry: FstabEntry) -> PreflightFinding? {
        guard entry.isSwap, entry.source.hasPrefix("/"), !entry.source.hasPrefix("/dev/") else { return nil }
        return PreflightFinding(
            .info, .swap, "\(entry.source) is swap, which every use of the OS disk pays for",
            remedy: "let the Azure agent make swap on the temporary disk instead")
    }
}
