/// Whether somebody will get in: an agent for Azure's portal, and a server for SSH.
struct AccessRules {
    let system: LinuxSystem

    private static let agents = ["/usr/sbin/waagent", "/usr/bin/waagent", "/usr/bin/cloud-init"]

    func findings() async throws(EngineError) -> [PreflightFinding] {
        guard let root = system.root else { return [] }
        var findings: [PreflightFinding] = []
        if try await !isThere(Self.agents, in: root) {
            findings.append(
                PreflightFinding(
                    .info, .access,
                    "neither the Azure agent nor cloud-init is installed: the portal cannot set passwords",
                    remedy: system.isDebian
                        ? "`apt install waagent`, on Ubuntu walinuxagent" : "`dnf install WALinuxAgent`"))
        }
        if try await !isThere(["/usr/sbin/sshd", "/usr/bin/sshd"], in: root) {
            findings.append(
                PreflightFinding(
                    .warning, .access, "no SSH server is installed: only the serial console leads into the VM",
                    remedy: "install openssh-server in the VM, before its backup"))
        }
        return findings
    }

    private func isThere(_ paths: [String], in root: GuestTree) async throws(EngineError) -> Bool {
        for path in paths {
            if try await root.exists(path) { return true }
        }
        return false
    }
}
