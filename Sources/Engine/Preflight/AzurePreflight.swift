/// Looks into the disks of a restore point before they go to Azure, and tells what will keep the VM from starting there.
///
/// It reads what it can and says what it could not look at; it never decides. Everything on the disks is hostile.
package struct AzurePreflight: Sendable {
    /// The VM as it was, and as it shall be.
    package struct Machine: Sendable {
        /// Of the restore point; nil when it does not tell.
        package var firmware: OVFMachine.Firmware?
        package var hasSecureBoot = false
        /// As asked for; nil when it shall be chosen.
        package var generation: HyperVGeneration?
        package var isTrustedLaunch = false

        package init(firmware: OVFMachine.Firmware? = nil) { self.firmware = firmware }
    }

    private let machine: Machine
    private let unpacking: StreamUnpacking

    package init(_ machine: Machine, unpacking: @escaping StreamUnpacking) {
        self.machine = machine
        self.unpacking = unpacking
    }

    /// - Parameter disks: the one that the VM starts from comes first.
    /// - Throws: `.cancelled` alone.
    package func inspect(_ disks: [InspectedDisk]) async throws(EngineError) -> PreflightReport {
        guard !disks.isEmpty else {
            return PreflightReport(findings: [], generation: nil, system: nil, systemName: nil)
        }
        let survey = try await GuestSurvey.take(of: disks)
        let fromDisk = survey.layouts.first.flatMap { BootRules.generation(of: $0) }
        let generation =
            machine.generation ?? machine.firmware.map { $0 == .uefi ? .two : .one } ?? fromDisk ?? .one
        var findings = survey.findings
        findings += SizeRules(generation: generation).findings(disks)
        findings += BootRules(machine: machine, generation: generation).findings(survey)
        findings += VolumeRules().findings(survey)
        let linux = try await LinuxSystem.find(in: survey)
        if generation == .two {
            findings += try await LoaderRules(survey: survey, isLinux: linux != nil).findings()
        }
        if let linux { findings += try await linuxFindings(linux, survey) }
        var windows: WindowsSystem?
        if linux == nil {
            let (found, unread) = try await WindowsSystem.find(in: survey)
            windows = found
            findings += unread
            findings += found.map { rules(for: $0, generation, disks).findings() } ?? unreadFindings(survey)
        }
        return PreflightReport(
            findings: findings.sorted(), generation: fromDisk,
            system: linux != nil ? .linux : windows != nil ? .windows : survey.probableSystem,
            systemName: linux?.name)
    }

    private func rules(
        for windows: WindowsSystem, _ generation: HyperVGeneration, _ disks: [InspectedDisk]
    ) -> WindowsRules {
        WindowsRules(system: windows, generation: generation, hasDataDisks: disks.count > 1)
    }

    private func linuxFindings(
        _ linux: LinuxSystem, _ survey: GuestSurvey
    ) async throws(EngineError) -> [PreflightFinding] {
        var findings = linux.unrecovered.map { name in
            PreflightFinding(
                .info, .fileSystem,
                "\(name) has a journal that this look does not read: the newest changes may stand there")
        }
        findings += try await looked("kernel drivers") { () async throws(EngineError) in
            try await DriverRules(system: linux, unpacking: unpacking).findings()
        }
        findings += try await looked("/etc/fstab") { () async throws(EngineError) in
            try await FstabRules(system: linux, survey: survey).findings()
        }
        findings += try await looked("the kernel's command line") { () async throws(EngineError) in
            try await CommandLineRules(system: linux).findings()
        }
        findings += try await looked("the network's configuration") { () async throws(EngineError) in
            try await NetworkRules(system: linux).findings()
        }
        findings += try await looked("agents") { () async throws(EngineError) in
            try await AccessRules(system: linux).findings()
        }
        return findings
    }

    /// What a look found, or that it could not be had.
    private func looked(
        _ what: String, _ look: () async throws(EngineError) -> [PreflightFinding]
    ) async throws(EngineError) -> [PreflightFinding] {
        do throws(EngineError) {
            return try await look()
        } catch {
            guard error.kind != .cancelled else { throw error }
            return [PreflightFinding(.warning, .notLookedAt, "\(what) could not be looked at: \(error.message)")]
        }
    }

    /// Nothing that could be read is a system.
    private func unreadFindings(_ survey: GuestSurvey) -> [PreflightFinding] {
        let kinds = Set(survey.volumes.compactMap { $0.signature?.kind })
        if survey.holdsNTFS {
            return [
                PreflightFinding(
                    .info, .notLookedAt, "no registry of Windows was found to look at",
                    remedy: "in the VM, before its backup, see that the services vmbus, storvsc and storflt start at "
                        + "boot (`sc.exe qc vmbus` says BOOT_START), and that remote desktop is on")
            ]
        }
        let hidden = kinds.intersection([.btrfs, .luks, .raid, .lvm]).map(\.rawValue).sorted()
        let reason =
            hidden.isEmpty ? "no system was found on the disks" : "\(hidden.joined(separator: " and ")) hides it"
        return [
            PreflightFinding(
                .warning, .notLookedAt, "the system itself could not be looked at: \(reason)",
                remedy:
                    "in the VM, before its backup, run `lsinitrd | grep hv_` or `lsinitramfs /boot/initrd.img-$(uname "
                    + "-r) | grep hv_`: hv_vmbus, hv_storvsc and hv_netvsc must be there, or run `dracut -f "
                    + "--regenerate-all --add-drivers \"hv_vmbus hv_storvsc hv_netvsc\"`; see that /etc/fstab names "
                    + "file systems by UUID, that the network is set by DHCP on eth0, and that the kernel's command "
                    + "line has console=ttyS0")
        ]
    }
}
