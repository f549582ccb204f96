/// Whether the network comes up with another card: other hardware address, other name, address by DHCP.
struct NetworkRules {
    let system: LinuxSystem

    private static let mostFiles = 64

    /// A file with settings of networks.
    private struct File {
        let path: String
        let lines: [Substring]

        init(_ path: String, _ text: String) {
            self.path = path
            lines = text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " || $0 == "\t" } }
                .filter { !$0.hasPrefix("#") && !$0.hasPrefix(";") }
        }

        func has(_ start: String) -> Bool { lines.contains { $0.lowercased().hasPrefix(start) } }
        func contains(_ text: String) -> Bool { lines.contains { $0.lowercased().contains(text) } }
    }

    func findings() async throws(EngineError) -> [PreflightFinding] {
        var findings: [PreflightFinding] = []
        for name in ["70-persistent-net.rules", "75-persistent-net-generator.rules"] {
            for file in try await files("/etc/udev/rules.d", where: { $0 == name }) where file.contains("attr{address}")
            {
                findings.append(bound(file, "delete \(file.path)"))
            }
        }
        for file in try await files(
            "/etc/sysconfig/network-scripts", where: { $0.hasPrefix("ifcfg-") && $0 != "ifcfg-lo" })
        {
            if file.has("hwaddr=") { findings.append(bound(file, "remove the line HWADDR= from \(file.path)")) }
            if file.has("ipaddr") { findings.append(fixed(file)) }
            findings += named(file, [String(file.path.split(separator: "/").last?.dropFirst(6) ?? "")])
        }
        for file in try await files("/etc/netplan", where: { $0.hasSuffix(".yaml") }) {
            if file.has("macaddress:") {
                findings.append(bound(file, "remove `match: macaddress` from \(file.path) and call the card eth0"))
            }
            if file.has("addresses:"), !file.contains("dhcp4: true") { findings.append(fixed(file)) }
            findings += named(file, file.lines.filter { $0.hasSuffix(":") }.map { String($0.dropLast()) })
        }
        return findings + (try await others())
    }

    private func others() async throws(EngineError) -> [PreflightFinding] {
        var findings: [PreflightFinding] = []
        for file in try await files("/etc/NetworkManager/system-connections", where: { _ in true }) {
            if file.has("mac-address=") {
                findings.append(bound(file, "remove the line mac-address= from \(file.path)"))
            }
            if file.has("method=manual") { findings.append(fixed(file)) }
            findings += named(file, Self.values("interface-name=", in: file))
        }
        let units = try await files(
            "/etc/systemd/network", where: { $0.hasSuffix(".network") || $0.hasSuffix(".link") })
        for file in units {
            if file.has("macaddress=") { findings.append(bound(file, "remove the line MACAddress= from \(file.path)")) }
            if file.has("address=") { findings.append(fixed(file)) }
            findings += named(file, Self.values("name=", in: file))
        }
        for file in try await files("/etc/network", where: { $0 == "interfaces" }) {
            let cards = file.lines.filter { $0.hasPrefix("iface ") }.map { $0.split(separator: " ") }
            if cards.contains(where: { $0.count > 3 && $0[3] == "static" }) { findings.append(fixed(file)) }
            findings += named(file, cards.compactMap { $0.count > 1 ? String($0[1]) : nil })
        }
        return findings
    }

    private func bound(_ file: File, _ remedy: String) -> PreflightFinding {
        PreflightFinding(
            .problem, .network, "\(file.path) ties the network to the old card's hardware address",
            remedy: "in the VM, before its backup, " + remedy)
    }

    private func fixed(_ file: File) -> PreflightFinding {
        PreflightFinding(
            .warning, .network, "\(file.path) gives a fixed address, and Azure expects DHCP",
            remedy: "set DHCP there, and give Azure's network card the address that you want")
    }

    /// Cards have names of their place at the old host, and are eth0 in Azure.
    private func named(_ file: File, _ names: [String]) -> [PreflightFinding] {
        let bound = Set(names.filter { Self.isPlaceName($0) }).sorted()
        guard let first = bound.first else { return [] }
        return [
            PreflightFinding(
                .warning, .network, "\(file.path) is for the card \(first), which is eth0 in Azure",
                remedy: "add the same for eth0 with DHCP to \(file.path)")
        ]
    }

    private static func isPlaceName(_ name: String) -> Bool {
        ["ens", "enp", "eno"].contains { prefix in
            name.hasPrefix(prefix) && (name.dropFirst(prefix.count).first?.isNumber ?? false)
        }
    }

    private static func values(_ key: String, in file: File) -> [String] {
        file.lines.filter { $0.lowercased().hasPrefix(key) }.map { String($0.dropFirst(key.utf8.count)) }
    }

    private func files(
        _ folder: String, where isWanted: (String) -> Bool
    ) async throws(EngineError) -> [File] {
        guard let root = system.root else { return [] }
        var files: [File] = []
        for name in try await root.names(in: folder).filter(isWanted).prefix(Self.mostFiles) {
            guard let text = try await root.text("\(folder)/\(name)") else { continue }
            files.append(File("\(folder)/\(name)", text))
        }
        return files
    }
}
