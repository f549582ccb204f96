/// Whether the kernel is told to use the serial console, and finds its root when disks have other names.
struct CommandLineRules {
    let system: LinuxSystem

    private static let mostEntries = 64

    func findings() async throws(EngineError) -> [PreflightFinding] {
        let lines = try await lines()
        guard !lines.isEmpty else { return [] }
        var findings: [PreflightFinding] = []
        if !lines.contains(where: { $0.contains("console=ttyS0") }) { findings.append(console) }
        let roots = Set(lines.flatMap { Self.values(of: "root", in: $0) }).sorted()
        for root in roots {
            guard let device = DeviceName(root) else { continue }
            findings.append(
                PreflightFinding(
                    device.isGone ? .problem : .warning, .commandLine,
                    "the kernel's command line has root=\(root), which "
                        + (device.isGone ? "does not exist in Azure" : "may be another disk in Azure"),
                    remedy: "put root=UUID=… there (`blkid \(root)` tells it): in /etc/default/grub unset "
                        + "GRUB_DISABLE_LINUX_UUID, then `\(regenerate)`"))
        }
        return findings
    }

    private var console: PreflightFinding {
        PreflightFinding(
            .warning, .commandLine,
            "the kernel's command line has no console=ttyS0: Azure's serial console stays empty",
            remedy: "in /etc/default/grub set GRUB_CMDLINE_LINUX=\"console=tty1 console=ttyS0,115200n8 "
                + "earlyprintk=ttyS0,115200 rootdelay=300\", then `\(regenerate)`")
    }

    private var regenerate: String {
        if system.isDebian { return "update-grub" }
        return "grub2-mkconfig -o /boot/grub2/grub.cfg"
    }

    /// What boot loaders hand to kernels, and the settings it is made of when they cannot be read.
    private func lines() async throws(EngineError) -> [String] {
        var lines: [String] = []
        for path in ["/grub/grub.cfg", "/grub2/grub.cfg"] {
            lines += Self.kernelLines(try await system.bootText(path) ?? "")
        }
        for name in try await system.bootNames(in: "/loader/entries").prefix(Self.mostEntries) {
            let text = try await system.bootText("/loader/entries/" + name) ?? ""
            lines += Self.lines(of: text) { $0.hasPrefix("options") }
        }
        for path in ["/grub2/grubenv", "/grub/grubenv"] {
            let text = try await system.bootText(path) ?? ""
            lines += Self.lines(of: text) { $0.hasPrefix("kernelopts=") }
        }
        guard lines.isEmpty, let root = system.root else { return lines }
        let settings = try await root.text("/etc/default/grub") ?? ""
        lines = Self.lines(of: settings) { $0.hasPrefix("GRUB_CMDLINE_LINUX") }
        if let text = try await root.text("/etc/kernel/cmdline") { lines.append(text) }
        return lines
    }

    private static func kernelLines(_ text: String) -> [String] {
        lines(of: text) { line in
            ["linux ", "linux\t", "linux16 ", "linux16\t", "linuxefi ", "linuxefi\t", "kernelopts=", "set kernelopts="]
                .contains { line.hasPrefix($0) }
        }
    }

    private static func lines(of text: String, where isWanted: (Substring) -> Bool) -> [String] {
        text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " || $0 == "\t" } }.filter(isWanted)
            .map(String.init)
    }

    static func values(of key: String, in line: String) -> [String] {
        line.split { $0 == " " || $0 == "\t" || $0 == "\"" || $0 == "'" }
            .filter { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.utf8.count + 1)) }
    }
}
