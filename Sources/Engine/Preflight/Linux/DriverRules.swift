/// Whether every kernel finds its disks and network at Hyper-V: its drivers are in the initramfs, or in the kernel.
struct DriverRules {
    let system: LinuxSystem
    let unpacking: StreamUnpacking

    /// Without these no disk is found.
    private static let disks = ["hv_vmbus", "hv_storvsc"]
    private static let network = "hv_netvsc"
    private static let mostKernels = 16

    private struct Kernel {
        let version: String
        /// Name of its initramfs below `/boot`; nil when there is none.
        let image: String?
    }

    func findings() async throws(EngineError) -> [PreflightFinding] {
        let kernels = Self.kernels(try await system.bootNames(in: "/"))
        guard !kernels.isEmpty else {
            return [
                PreflightFinding(
                    .warning, .notLookedAt, "no kernel was found below /boot",
                    remedy: "see that hv_vmbus, hv_storvsc and hv_netvsc are in the initramfs of the VM's kernels")
            ]
        }
        var all: [PreflightFinding] = []
        for kernel in kernels.suffix(Self.mostKernels) { all += try await findings(of: kernel) }
        return all
    }

    private static func kernels(_ names: [String]) -> [Kernel] {
        names.compactMap { name in
            guard let prefix = LinuxSystem.kernelPrefixes.first(where: { name.hasPrefix($0) }),
                !name.contains("rescue"), !name.hasSuffix(".hmac"), !name.hasSuffix(".old"), !name.hasSuffix(".gz")
            else { return nil }
            let version = String(name.dropFirst(prefix.count))
            let images = [
                "initrd.img-\(version)", "initramfs-\(version).img", "initrd-\(version)", "initramfs-\(version)",
                "initrd-\(version).img",
            ]
            return Kernel(version: version, image: images.first { names.contains($0) })
        }
    }

    private func findings(of kernel: Kernel) async throws(EngineError) -> [PreflightFinding] {
        let modules = "/lib/modules/\(kernel.version)"
        let builtin = KernelModule.names(inList: try await system.root?.text(modules + "/modules.builtin") ?? "")
        let loadable = try await system.root?.text(modules + "/modules.dep", limit: 4 << 20)
            .map { KernelModule.names(inList: $0) }
        let wanted = Set(Self.disks + [Self.network]).subtracting(builtin)
        guard !wanted.isEmpty else { return [] }
        if let loadable, !Set(Self.disks).subtracting(builtin).isSubset(of: loadable) {
            return [
                PreflightFinding(
                    .problem, .drivers, "the kernel \(kernel.version) has no drivers for Hyper-V's disks",
                    remedy: "in the VM, before its backup, install the distribution's usual kernel, on Debian "
                        + "`apt install linux-image-amd64`")
            ]
        }
        guard let image = kernel.image, let file = try await system.bootFile("/" + image) else {
            return [
                PreflightFinding(
                    .problem, .drivers,
                    "the kernel \(kernel.version) has no initramfs below /boot, and "
                        + "\(Self.list(wanted)) are not built into it",
                    remedy: remedy("/boot/initramfs-\(kernel.version).img", kernel))
            ]
        }
        let found = try await Initramfs.read(file, looksFor: wanted, unpacking: unpacking)
        return judged(wanted.subtracting(found.modules), kernel, "/boot/" + image, found.obstacle)
    }

    private func judged(
        _ missing: Set<String>, _ kernel: Kernel, _ image: String, _ obstacle: String?
    ) -> [PreflightFinding] {
        guard !missing.isEmpty else { return [] }
        if let obstacle {
            return [
                PreflightFinding(
                    .warning, .notLookedAt, "\(image) could not be looked into to its end: \(obstacle)",
                    remedy:
                        "in the VM, before its backup, run `\(listing(image)) | grep hv_`; where \(Self.list(missing)) "
                        + "are absent: \(remedy(image, kernel))")
            ]
        }
        guard !missing.isDisjoint(with: Self.disks) else {
            return [
                PreflightFinding(
                    .info, .drivers, "\(image) is without hv_netvsc, which then is loaded from the disk",
                    remedy: remedy(image, kernel))
            ]
        }
        return [
            PreflightFinding(
                system.root == nil ? .warning : .problem, .drivers,
                "\(image) is without \(Self.list(missing)): the kernel \(kernel.version) does not find its disk in Azure",
                remedy: remedy(image, kernel))
        ]
    }

    private static func list(_ modules: Set<String>) -> String { modules.sorted().joined(separator: ", ") }

    private func listing(_ image: String) -> String {
        image.contains("initrd.img-") ? "lsinitramfs \(image)" : "lsinitrd \(image)"
    }

    private func remedy(_ image: String, _ kernel: Kernel) -> String {
        if system.isDebian || image.contains("initrd.img-") {
            return #"in the VM, before its backup, run `printf 'hv_vmbus\nhv_storvsc\nhv_netvsc\n' >> "#
                + "/etc/initramfs-tools/modules && update-initramfs -u -k \(kernel.version)`"
        }
        if system.family.contains("arch") {
            return "in the VM, before its backup, add hv_vmbus, hv_storvsc and hv_netvsc to MODULES in "
                + "/etc/mkinitcpio.conf and run `mkinitcpio -P`"
        }
        return "in the VM, before its backup, run `dracut -f --add-drivers \"hv_vmbus hv_storvsc hv_netvsc\" \(image) "
            + "\(kernel.version)`"
    }
}
