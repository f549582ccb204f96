import Engine
import Testing

@testable import HostKit

@Suite("Selection of VMs")
struct VMSelectionTests {
    static func machine(_ name: String, _ categories: [String: [String]] = [:]) -> VirtualMachine {
        VirtualMachine(
            id: "id-\(name)", name: name, clusterID: "c", clusterName: "c", isPoweredOn: true, categories: categories,
            disks: [])
    }

    static func selection(_ yaml: String) throws -> VMSelection {
        try VMSelection(placed: Setting(yaml: yaml, file: "x"), what: "`vms`")
    }

    @Test(
        "a pattern fits whole names",
        arguments: [
            ("web-*", "web-01", true), ("web-*", "my-web-01", false), ("*", "", true), ("*-scratch", "a-scratch", true),
            ("w?b", "wäb", true), ("w?b", "wb", false), ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-b-b", false),
            ("[a]", "a", false), ("web", "WEB", false),
        ])
    func globs(pattern: String, name: String, fits: Bool) {
        #expect(Glob(pattern).matches(name) == fits)
    }

    @Test("a pattern of many stars is decided at once")
    func stars() {
        let pattern = Glob(String(repeating: "*a", count: 60) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 20_000)))
    }

    @Test("names and categories add up, exclusions take away")
    func union() throws {
        let selection = try Self.selection("{ names: ['web-*'], categories: { Env: prod }, exclude: ['*-scratch'] }")
        #expect(selection.includes(Self.machine("web-1")))
        #expect(selection.includes(Self.machine("db", ["Env": ["prod"]])))
        #expect(!selection.includes(Self.machine("db", ["Env": ["test"]])))
        #expect(!selection.includes(Self.machine("web-scratch", ["Env": ["prod"]])))
        #expect(!selection.includes(Self.machine("db")))
    }

    @Test("all category keys must fit, any of a key's values is enough")
    func categories() throws {
        let selection = try Self.selection("{ categories: { Role: [db, cache], Env: prod } }")
        #expect(selection.includes(Self.machine("a", ["Role": ["x", "cache"], "Env": ["prod"]])))
        #expect(!selection.includes(Self.machine("a", ["Role": ["db"]])))
        #expect(!selection.includes(Self.machine("a", ["Role": ["web"], "Env": ["prod"]])))
    }

    @Test("a VM is found by id or by a name that only it has")
    func byName() throws {
        let twin = VirtualMachine(
            id: "id-2", name: "twin", clusterID: "d", clusterName: "d", isPoweredOn: true, categories: [:], disks: [])
        let inventory = Inventory(clusters: [], machines: [Self.machine("twin"), twin, Self.machine("web")])
        #expect(try inventory.machine("web").id == "id-web")
        #expect(try inventory.machine("id-2").clusterName == "d")
        let ambiguous = #expect(throws: EngineError.self) { try inventory.machine("twin") }
        #expect(ambiguous?.kind == .configuration)
        #expect(ambiguous?.message.contains("id-twin (cluster c), id-2 (cluster d)") == true)
        let absent = #expect(throws: EngineError.self) { try inventory.machine("db") }
        #expect(absent?.kind == .notFound)
    }
}
