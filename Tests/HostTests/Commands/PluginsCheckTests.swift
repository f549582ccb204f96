import Engine
import EngineContracts
import Testing

@testable import HostKit

@Suite("Trying a target")
struct PluginsCheckTests {
    @Test("a sound target keeps every promise, is measured, and nothing is left at it")
    func sound() async throws {
        let scene = try HostScene(repository: ", layers: [{ type: cache }, { type: concurrency, requests: 2 }]")
        _ = await scene.run("repository", "init")
        let before = scene.folder.files(below: "repository")
        let outcome = await scene.run("plugins", "check", "main")
        #expect(outcome.status == .done)
        #expect(outcome.output.contains("ok      what was put can be got, whatever its size\n"))
        #expect(outcome.output.contains("local of repository main, layers: concurrency"))
        #expect(outcome.output.contains("Requests at once  2"))
        #expect(outcome.output.contains("REQUEST  MEDIAN"))
        #expect(outcome.output.contains("all \(TargetContract.cases.count) promises kept"))
        #expect(scene.folder.files(below: "repository") == before)
        #expect(scene.folder.files(below: "cache/objects").isEmpty)
    }

    @Test("as JSON: every promise, what the target can do, latency and throughput")
    func json() async throws {
        let scene = try HostScene(repository: ", layers: [{ type: concurrency, requests: 1 }]")
        let outcome = await scene.run("plugins", "check", "main", "--bare", "--json")
        #expect(outcome.status == .done)
        let report = try JSONValue(parsing: Array(outcome.output.utf8))
        #expect(report["promises"]?.array.count == TargetContract.cases.count)
        #expect(report["promises"]?.array.allSatisfy { $0["isKept"] == true } == true)
        #expect(report["subject"]?["layers"]?.array.isEmpty == true)
        #expect(report["capabilities"]?["parallelism"]?.integer == 4)
        #expect(report["measurement"]?["latency"]?.array.count == 5)
        #expect(report["measurement"]?["throughput"]?["objects"]?.integer == 4)
        #expect(report["leftovers"]?.array.isEmpty == true)
    }

    @Test("broken promises are named with the reason, end with code 1, and leave nothing either")
    func broken() async throws {
        let scene = try HostScene(repository: ", layers: [{ type: drill-late-listing, seconds: 3600 }]")
        let outcome = await scene.run("plugins", "check", "main")
        #expect(outcome.status == .failed)
        #expect(outcome.output.contains("failed  many objects are all listed\n        0 of 300 are listed\n"))
        #expect(outcome.output.contains("broken: a repository is not safe at this target"))
        #expect(scene.folder.files(below: "repository").isEmpty)
    }

    @Test("a target that takes nothing fails with its reason for every promise that puts something")
    func refused() async throws {
        let scene = try HostScene(repository: ", layers: [{ type: read-only }]")
        let outcome = await scene.run("plugins", "check", "main")
        #expect(outcome.status == .failed)
        #expect(outcome.output.contains("it could not be measured: "))
        #expect(outcome.output.contains("the layer `read-only` of this repository lets nothing be changed"))
    }

    @Test("a target that does not open is an error of its own; an unknown repository is wrong usage")
    func noTarget() async throws {
        let scene = try HostScene()
        #expect(await scene.run("plugins", "check", "nix").status == .wrongUsage)
        try scene.edit("path: repository", to: "path: not/there")
        let outcome = await scene.run("plugins", "check", "main")
        #expect(outcome.status == .failed)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains("repository main › neither "))
    }

    @Test("a target without uploads is sound, and told to be without them")
    func withoutUploads() async throws {
        let store = MemoryStore()
        let subject = TargetCheck.Subject(repository: "main", target: "plain", layers: [])
        let report = try await TargetCheck(subject, { PlainTarget(store) }).run { _ in }
        #expect(report.isClean)
        let absent = report.promises.filter { !$0.isOffered }
        #expect(absent.count >= 10)
        #expect(absent.allSatisfy { $0.isKept })
        #expect(TargetCheckText.line(try #require(absent.first)).hasPrefix("without "))
        let kept = TargetContract.cases.count - absent.count
        #expect(TargetCheckText.summary(of: report).contains("\(kept) promises kept, \(absent.count) not offered"))
    }

    @Test("nothing outside `contract/` is ever put or deleted")
    func fenced() async throws {
        let memory = MemoryTarget(MemoryStore())
        let keys = TrackedKeys()
        let target = TrackedTarget(memory, keys)
        try await target.open()
        for name in ["config", "packs/d/aa/x", "contracts/x"] {
            let key = try ObjectKey(name)
            await #expect(throws: EngineError.self) { try await target.put(key, Buffer([1])) }
            await #expect(throws: EngineError.self) { try await target.delete(key) }
        }
        let key = try ObjectKey("contract/x")
        try await target.put(key, Buffer([1]))
        #expect(keys.names == ["contract/x"])
        try await target.delete(key)
        #expect(keys.isEmpty)
    }
}

/// As targets were before there were uploads.
private struct PlainTarget: Target {
    typealias Settings = NoSettings
    static let name = "plain"
    static let summary = "takes whole objects only"

    private let inner: MemoryTarget

    init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) { self.init(MemoryStore()) }
    init(_ store: MemoryStore) { inner = MemoryTarget(store) }

    var capabilities: TargetCapabilities { inner.capabilities }
    func open() async throws(EngineError) { try await inner.open() }
    func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) { try await inner.put(key, content) }

    func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        try await inner.get(key, range, into: output)
    }

    func size(of key: ObjectKey) async throws(EngineError) -> Int? { try await inner.size(of: key) }
    func delete(_ key: ObjectKey) async throws(EngineError) { try await inner.delete(key) }
    func list(prefix: String) async throws(EngineError) -> [ListedObject] { try await inner.list(prefix: prefix) }
    func close() async { await inner.close() }
}
