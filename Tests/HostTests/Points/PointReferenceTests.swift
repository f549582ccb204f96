import Engine
import Testing

@testable import HostKit

@Suite("Restore points by the beginning of their id")
struct PointReferenceTests {
    static func points() throws -> [FoundPoint] {
        try [
            ("20261122-183045-aaaaaaaa", "vm-1"), ("20261122-183045-aabbbbbb", "vm-2"),
            ("20261123-010000-cccccccc", "vm-1"),
        ].map { FoundPoint(repository: "main", overview: try .sample($0.0, vm: $0.1), isPinned: false) }
    }

    @Test(
        "a prefix that only one has finds it",
        arguments: [("20261123", 2), ("20261122-183045-aaa", 0), ("20261122-183045-aab", 1)])
    func prefix(text: String, position: Int) throws {
        let points = try Self.points()
        #expect(try PointReference(text).resolve(among: points, vm: nil).id == points[position].id)
    }

    @Test("a prefix that several have lists them")
    func ambiguous() throws {
        let points = try Self.points()
        let error = #expect(throws: EngineError.self) { try PointReference("20261122").resolve(among: points, vm: nil) }
        #expect(error?.kind == .configuration)
        #expect(error?.message.contains("2 restore points begin with `20261122`; type more of the id:") == true)
        #expect(error?.message.contains("20261122-183045-aaaaaaaa  web  (main)") == true)
        #expect(error?.message.contains("20261122-183045-aabbbbbb") == true)
        #expect(error?.message.contains("cccccccc") == false)
    }

    @Test("a prefix that none has is not found", arguments: ["2025", "", "x"])
    func absent(text: String) throws {
        let points = try Self.points()
        let error = #expect(throws: EngineError.self) { try PointReference(text).resolve(among: points, vm: nil) }
        #expect(error?.kind == .notFound)
    }

    @Test("latest is the newest of the VM that --vm names, and nothing without it")
    func latest() throws {
        let points = try Self.points().filter { $0.vm.id == "vm-1" }
        #expect(try PointReference("latest").resolve(among: points, vm: "vm-1").id == points[1].id)
        let error = #expect(throws: EngineError.self) { try PointReference("latest").resolve(among: points, vm: nil) }
        #expect(error?.kind == .configuration)
        let none = #expect(throws: EngineError.self) { try PointReference("latest").resolve(among: [], vm: "x") }
        #expect(none?.kind == .notFound)
    }

    @Test("latest of a name that two VMs bear asks for the id")
    func twins() throws {
        let points = try Self.points()
        let error = #expect(throws: EngineError.self) { try PointReference("latest").resolve(among: points, vm: "web") }
        #expect(error?.message.contains("several VMs are called `web`; give --vm the id of one: vm-1, vm-2") == true)
    }
}
