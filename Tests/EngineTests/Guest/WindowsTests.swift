import Codecs
import Glibc
import Testing

@testable import Engine

/// Windows on NTFS, with a registry.
@Suite("Windows")
struct WindowsTests {
    static func registry(_ start: [String: UInt32], more: [SampleHive.Key] = []) -> SampleHive.Key {
        let services = start.sorted { $0.key < $1.key }.map {
            SampleHive.Key(name: $0.key, numbers: ["Start": $0.value])
        }
        let set = SampleHive.Key(
            name: "ControlSet002", children: [SampleHive.Key(name: "Services", children: services)] + more)
        return SampleHive.Key(
            name: "ROOT",
            children: [set, SampleHive.Key(name: "Select", numbers: ["Current": 2, "Default": 1])])
    }

    static let ready: [String: UInt32] = ["vmbus": 0, "storvsc": 0, "storflt": 0, "atapi": 0, "intelide": 0]

    @Test("keys and numbers are found in every kind of list, whatever their case", arguments: ["lf", "lh", "li", "ri"])
    func hive(list: String) throws {
        let hive = try RegistryHive(SampleHive.bytes(Self.registry(Self.ready), list: list))
        let key = try #require(hive.key(#"controlset002\SERVICES\StorVsc"#))
        #expect(hive.number("start", of: key) == 0)
        #expect(hive.number("none", of: key) == nil)
        #expect(hive.key(#"ControlSet001\Services"#) == nil)
        let services = try #require(hive.key(#"ControlSet002\Services"#))
        #expect(hive.children(of: services).map(\.name) == ["atapi", "intelide", "storflt", "storvsc", "vmbus"])
        #expect(!hive.needsRecovery)
    }

    @Test("a hive that others can read is one", .enabled(if: Tool.has("hivexget")))
    func oracle() throws {
        let folder = GuestFolder()
        try folder.file("/SYSTEM", SampleHive.bytes(Self.registry(Self.ready)))
        let words = [folder.tree + "/SYSTEM", "Select", "Current"]
        #expect(String(decoding: try Tool.run("hivexget", words), as: UTF8.self).contains("2"))
    }

    @Test("drivers that do not start at boot are problems, and the command is told")
    func drivers() throws {
        var start = Self.ready
        start["storvsc"] = 3
        start["vmbus"] = nil
        let findings = try Self.findings(start)
        #expect(findings.map(\.severity) == [.problem, .problem])
        #expect(findings.contains { $0.what.contains("no driver vmbus") })
        #expect(
            findings.contains {
                $0.remedy?.contains(
                    #"reg add HKLM\SYSTEM\CurrentControlSet\Services\storvsc /v Start /t REG_DWORD /d 0 /f"#) == true
            })
        #expect(try Self.findings(Self.ready) == [])
    }

    @Test("remote desktop that is off, and disks that stay offline, are told")
    func access() throws {
        let more = [
            SampleHive.Key(
                name: "Control",
                children: [SampleHive.Key(name: "Terminal Server", numbers: ["fDenyTSConnections": 1])])
        ]
        #expect(try Self.findings(Self.ready, more: more).map(\.subject) == [.access])
    }

    @Test("damaged hives are read or refused, and trap nobody")
    func damaged() {
        let bytes = SampleHive.bytes(Self.registry(Self.ready))
        for number in 0..<2000 {
            var generator = SeededGenerator(seed: UInt64(number) + 99)
            var copy = bytes
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                copy[Int.random(in: 0..<copy.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            guard let hive = try? RegistryHive(copy) else { continue }
            let system = WindowsSystem(hive: hive, volume: "x", needsRecovery: false)
            _ = WindowsRules(system: system, generation: .one, hasDataDisks: true).findings()
        }
    }

    private static func findings(
        _ start: [String: UInt32], more: [SampleHive.Key] = []
    ) throws -> [PreflightFinding] {
        let hive = try RegistryHive(SampleHive.bytes(registry(start, more: more)))
        let system = WindowsSystem(hive: hive, volume: "partition 1 of scsi.0", needsRecovery: false)
        return WindowsRules(system: system, generation: .two, hasDataDisks: false).findings()
    }
}
