/// Whether the first disk is made for the way in which the VM will start.
struct BootRules {
    let machine: AzurePreflight.Machine
    let generation: HyperVGeneration

    /// What a disk is made for; nil when both or neither would do.
    static func generation(of layout: DiskLayout) -> HyperVGeneration? {
        let canUEFI = layout.efiSystem != nil
        let canBIOS = layout.hasBootCode && (layout.table == .mbr || layout.hasBIOSBoot)
        return canUEFI == canBIOS ? nil : canUEFI ? .two : .one
    }

    func findings(_ survey: GuestSurvey) -> [PreflightFinding] {
        guard let layout = survey.layouts.first, let disk = survey.disks.first else { return [] }
        guard layout.table != .none else {
            return [
                PreflightFinding(
                    .warning, .partitions,
                    "\(disk.name) has no partition table: it does not look like a disk to start from",
                    remedy: "see that the disk with the system comes first")
            ]
        }
        var findings = generation == .two ? uefi(layout, disk) : bios(layout, disk)
        findings += contradictions(layout)
        if layout.isFromBackup {
            findings.append(
                PreflightFinding(
                    .problem, .partitions, "the partition table at the beginning of \(disk.name) is damaged",
                    remedy: "in the VM, before its backup, run `sgdisk --verify` and write the table anew from its copy"
                ))
        }
        if machine.isTrustedLaunch, generation == .one {
            findings.append(
                PreflightFinding(
                    .problem, .bootLoader, "trusted launch needs generation 2, and this VM becomes generation 1",
                    remedy: "--trusted-launch off"))
        }
        if machine.hasSecureBoot, !machine.isTrustedLaunch {
            findings.append(
                PreflightFinding(
                    .info, .bootLoader, "the VM had secure boot, and will have none",
                    remedy: "--trusted-launch on"))
        }
        return findings
    }

    private func uefi(_ layout: DiskLayout, _ disk: InspectedDisk) -> [PreflightFinding] {
        guard layout.efiSystem == nil else { return [] }
        return [
            PreflightFinding(
                .problem, .partitions, "generation 2 starts by UEFI, and \(disk.name) has no EFI system partition",
                remedy: layout.hasBootCode ? "--generation 1" : "see that the disk with the system comes first")
        ]
    }

    private func bios(_ layout: DiskLayout, _ disk: InspectedDisk) -> [PreflightFinding] {
        var findings: [PreflightFinding] = []
        let remedy = layout.efiSystem == nil ? "install the boot loader, `grub-install` on Linux" : "--generation 2"
        if !layout.hasBootCode {
            findings.append(
                PreflightFinding(
                    .problem, .bootLoader,
                    "generation 1 starts by BIOS, and the first sector of \(disk.name) has no program",
                    remedy: remedy))
        }
        guard layout.table == .gpt else { return findings }
        if layout.hasBIOSBoot {
            findings.append(
                PreflightFinding(
                    .warning, .partitions,
                    "generation 1 with GPT on \(disk.name): Azure asks for MBR, though a BIOS boot partition is there",
                    remedy: layout.efiSystem == nil ? "convert to UEFI, or try it" : "--generation 2"))
        } else {
            findings.append(
                PreflightFinding(
                    .problem, .partitions,
                    "generation 1 starts by BIOS, and \(disk.name) has GPT without a BIOS boot partition",
                    remedy: layout.efiSystem == nil
                        ? "make a BIOS boot partition and run `grub-install`" : "--generation 2"))
        }
        return findings
    }

    private func contradictions(_ layout: DiskLayout) -> [PreflightFinding] {
        guard let firmware = machine.firmware, let made = Self.generation(of: layout) else { return [] }
        let asked: HyperVGeneration = firmware == .uefi ? .two : .one
        guard asked != made else { return [] }
        return [
            PreflightFinding(
                .warning, .bootLoader,
                "the VM started by \(firmware == .uefi ? "UEFI" : "BIOS"), yet its first disk is made for "
                    + (made == .two ? "UEFI" : "BIOS"),
                remedy: "--generation \(made.rawValue)")
        ]
    }
}
