/// Whether UEFI finds a boot loader without the entries in its memory, which stay behind.
struct LoaderRules {
    let survey: GuestSurvey
    let isLinux: Bool

    func findings() async throws(EngineError) -> [PreflightFinding] {
        guard let partition = survey.layouts.first?.efiSystem,
            let volume = survey.volumes.first(where: { $0.place.map { $0 == (0, partition.number) } ?? false })
        else { return [] }
        do throws(EngineError) {
            guard let tree = try await volume.open() else {
                return [
                    PreflightFinding(
                        .warning, .bootLoader, "the EFI system partition holds no FAT that can be read",
                        remedy: "see that the VM starts by UEFI")
                ]
            }
            return try await findings(tree)
        } catch {
            guard error.kind != .cancelled else { throw error }
            return [
                PreflightFinding(
                    .warning, .notLookedAt, "the EFI system partition could not be looked at: \(error.message)")
            ]
        }
    }

    private func findings(_ tree: GuestTree) async throws(EngineError) -> [PreflightFinding] {
        if try await tree.exists("/EFI/BOOT/BOOTX64.EFI") { return [] }
        if try await tree.exists("/EFI/BOOT/BOOTAA64.EFI") {
            return [
                PreflightFinding(
                    .problem, .bootLoader, "the boot loader is for ARM processors",
                    remedy: "choose a size with ARM processors by --size, such as Standard_D2ps_v5")
            ]
        }
        if try await tree.exists("/EFI/Microsoft/Boot/bootmgfw.efi") {
            return [
                PreflightFinding(
                    .warning, .bootLoader,
                    #"there is no \EFI\Boot\bootx64.efi for a VM that starts for the first time"#,
                    remedy: "in the VM, before its backup, run `mountvol S: /s` and `bcdboot C:\\Windows /s S: /f UEFI`"
                )
            ]
        }
        return [try await absent(tree)]
    }

    private func absent(_ tree: GuestTree) async throws(EngineError) -> PreflightFinding {
        var loaders: [String] = []
        for vendor in try await tree.names(in: "/EFI") {
            for file in try await tree.names(in: "/EFI/" + vendor)
            where ["shimx64.efi", "grubx64.efi", "systemd-bootx64.efi"].contains(file.lowercased()) {
                loaders.append("/boot/efi/EFI/\(vendor)/\(file)")
            }
        }
        let what =
            #"there is no \EFI\BOOT\BOOTX64.EFI: UEFI's own boot entries stay behind, and nothing else names a loader"#
        guard !loaders.isEmpty else {
            return PreflightFinding(
                .problem, .bootLoader, what,
                remedy: isLinux ? "in the VM, before its backup, run `grub-install --removable`" : nil)
        }
        // Shim comes after GRUB by name, and is what should start.
        let first = loaders.sorted().last ?? ""
        return PreflightFinding(
            .problem, .bootLoader, what,
            remedy:
                "in the VM, before its backup, run `mkdir -p /boot/efi/EFI/BOOT && cp \(loaders.joined(separator: " ")) "
                + "/boot/efi/EFI/BOOT/ && cp \(first) /boot/efi/EFI/BOOT/BOOTX64.EFI` (Debian and Ubuntu: `grub-install "
                + "--force-extra-removable`)")
    }
}
