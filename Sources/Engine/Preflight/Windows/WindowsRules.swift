/// Whether Windows starts the drivers of Hyper-V in time, and can be reached then.
struct WindowsRules {
    let system: WindowsSystem
    let generation: HyperVGeneration
    let hasDataDisks: Bool

    private static let services = #"HKLM\SYSTEM\CurrentControlSet\Services"#

    private var hive: RegistryHive { system.hive }

    func findings() -> [PreflightFinding] {
        guard let set = controlSet else {
            return [
                PreflightFinding(
                    .warning, .notLookedAt, "Windows' registry on \(system.volume) does not name its settings")
            ]
        }
        var findings = ["vmbus", "storvsc"].flatMap { driver($0, in: set, isNeeded: true) }
        findings += driver("storflt", in: set, isNeeded: false)
        if generation == .one { findings += ["intelide", "atapi"].flatMap { driver($0, in: set, isNeeded: false) } }
        findings += access(set) + disks(set) + network(set)
        if system.needsRecovery {
            findings.append(
                PreflightFinding(
                    .info, .fileSystem,
                    "\(system.volume) was in use: its newest changes were not seen by this look"))
        }
        return findings
    }

    /// `ControlSet001`, or the one that Windows started with last.
    private var controlSet: String? {
        guard let select = hive.key("Select"), let current = hive.number("Current", of: select), current < 1000
        else { return nil }
        let digits = String(current)
        let name = "ControlSet" + String(repeating: "0", count: 3 - digits.count) + digits
        return hive.key(name) == nil ? nil : name
    }

    private func driver(_ name: String, in set: String, isNeeded: Bool) -> [PreflightFinding] {
        guard let key = hive.key("\(set)\\Services\\\(name)") else {
            guard isNeeded else { return [] }
            return [
                PreflightFinding(
                    .problem, .drivers, "Windows has no driver \(name): it is too old for Hyper-V's disks",
                    remedy: "Windows Server 2008 R2 and Windows 7 are the oldest that have it")
            ]
        }
        var findings: [PreflightFinding] = []
        let severity: PreflightFinding.Severity = isNeeded ? .problem : .warning
        if let start = hive.number("Start", of: key), start != 0 {
            findings.append(
                PreflightFinding(
                    severity, .drivers, "Windows' driver \(name) does not start at boot (Start = \(start))",
                    remedy:
                        "in the VM, before its backup, run `reg add \(Self.services)\\\(name) /v Start /t REG_DWORD /d 0 "
                        + "/f`"))
        }
        if let override = hive.key("\(set)\\Services\\\(name)\\StartOverride"),
            let start = hive.number("0", of: override), start != 0
        {
            findings.append(
                PreflightFinding(
                    severity, .drivers, "Windows' driver \(name) is kept from starting at boot by StartOverride",
                    remedy: "in the VM, before its backup, run `reg delete \(Self.services)\\\(name)\\StartOverride /f`"
                ))
        }
        return findings
    }

    private func access(_ set: String) -> [PreflightFinding] {
        guard let key = hive.key(set + #"\Control\Terminal Server"#),
            hive.number("fDenyTSConnections", of: key) == 1
        else { return [] }
        return [
            PreflightFinding(
                .warning, .access, "remote desktop is off: only the serial console leads into the VM",
                remedy:
                    #"in the VM, before its backup, run `reg add "HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server" "#
                    + "/v fDenyTSConnections /t REG_DWORD /d 0 /f` and allow it in the firewall")
        ]
    }

    private func disks(_ set: String) -> [PreflightFinding] {
        guard hasDataDisks, let key = hive.key(set + #"\Services\partmgr\Parameters"#),
            let policy = hive.number("SanPolicy", of: key), policy != 1
        else { return [] }
        return [
            PreflightFinding(
                .warning, .fileSystem,
                "Windows leaves disks offline that it sees for the first time (SanPolicy = \(policy))",
                remedy: "in the VM, before its backup, run `diskpart` and in it `san policy=OnlineAll`")
        ]
    }

    private func network(_ set: String) -> [PreflightFinding] {
        guard let key = hive.key(set + #"\Services\Tcpip\Parameters\Interfaces"#) else { return [] }
        let fixed = hive.children(of: key).contains { hive.number("EnableDHCP", of: $0.key) == 0 }
        guard fixed else { return [] }
        return [
            PreflightFinding(
                .info, .network,
                "a network card of Windows had a fixed address; the one in Azure is new and gets its by DHCP")
        ]
    }
}
