import Engine
import Logging
import Testing

@testable import HostKit

@Suite("Layers in a configuration")
struct LayerSettingTests {
    private static func complaint(about layers: String) -> String {
        ConfigurationErrorTests.complaint(
            about: "repositories:\n  main: { target: { type: local, path: /srv }, layers: \(layers) }\n")
    }

    private static func layered(_ layers: String) throws -> LayeredTarget {
        let configuration = try HostConfigurationTests.configuration(
            "repositories: { main: { target: { type: local, path: /srv }\(layers) } }")
        let settings = try #require(configuration.repositories.value(named: "main"))
        return try settings.layeredTarget(
            of: .builtin, in: PluginContext(logger: Logger(label: "test"), cacheDirectory: "/tmp/cache"))
    }

    @Test("layers are made in their order, and a local target has none unless given")
    func order() throws {
        #expect(try Self.layered("").activeLayers == [])
        #expect(try Self.layered(", layers: []").activeLayers == [])
        let all = """
            , layers: [{ type: cache, size: 1GiB }, { type: retry, attempts: 5 }, { type: concurrency, requests: 8 },
              { type: bandwidth, upload: 50MiB, download: unlimited,
                windows: [{ days: [mon, tue], from: "08:00", to: "18:00", upload: 10MiB }] },
              { type: log }, { type: read-only }, { type: drill-delay, milliseconds: 200 },
              { type: drill-fail, call: put, every: 10 }, { type: drill-cut, after: sent },
              { type: drill-late-listing, seconds: 3 }]
            """
        let layered = try Self.layered(all)
        #expect(
            layered.activeLayers == [
                "retry", "concurrency", "bandwidth", "log", "read-only", "drill-delay", "drill-fail", "drill-cut",
                "drill-late-listing",
            ])
        #expect(layered.drills == ["drill-delay", "drill-fail", "drill-cut", "drill-late-listing"])
    }

    @Test(
        "a mistake in a layer is refused with its place",
        arguments: [
            ("[{ type: retri }]", "ahvault.yaml:2:57: no plug-in `retri`; this build has: bandwidth, "),
            ("[{ attempts: 5 }]", "ahvault.yaml:2:57: `type` is missing"),
            ("[{ type: retry, attempts: many }]", "retry › ahvault.yaml:2:82: `attempts` must be a whole number"),
            ("[{ type: retry, attempts: 0 }]", "retry › `attempts` must be at least 1"),
            ("[{ type: concurrency }]", "concurrency › ahvault.yaml:2:57: `requests` is missing"),
            (
                "[{ type: bandwidth, upload: 0 }]",
                "bandwidth › ahvault.yaml:2:84: `upload` must be bytes a second above 0"
            ),
            (
                "[{ type: drill-fail, call: write }]",
                "drill-fail › ahvault.yaml:2:83: `call` must be one of `open`, `put`, `begin`, "
            ),
            ("[{ type: drill-cut, after: never }]", "drill-cut › ahvault.yaml:2:83: `after` must be one of `sending`"),
            ("{ type: retry }", "ahvault.yaml:2:56: `layers` must be a list, not a map"),
        ])
    func mistakes(layers: String, complaint: String) {
        #expect(Self.complaint(about: layers).hasPrefix(complaint), "\(Self.complaint(about: layers))")
    }

    @Test("an active drill is warned of at every command, by repository and layer")
    func drills() async throws {
        let scene = try HostScene(repository: ", layers: [{ type: retry }, { type: drill-delay, milliseconds: 1 }]")
        let outcome = await scene.run("repository", "init")
        #expect(outcome.status == .done)
        #expect(outcome.errors.contains("warning: repository main: the drill layer `drill-delay` disturbs its target"))
    }

    @Test("a backup goes through retries although every fifth put and get is cut, and comes back whole")
    func cuts() async throws {
        let scene = try HostScene(
            repository:
                ", layers: [{ type: cache }, { type: retry, milliseconds: 1 }, { type: drill-cut, after: sent }]")
        try scene.addMachine("web", text: "content of the disk")
        #expect(await scene.run("repository", "init").status == .done)
        #expect(await scene.run("backup", "vm", "web").status == .done)
        try scene.write("changed content", to: "web")
        #expect(await scene.run("backup", "vm", "web").status == .done)
        #expect(await scene.run("repository", "check", "--read-data").status == .done)
        #expect(!scene.folder.files(below: "cache/objects").isEmpty)
        #expect(await scene.run("restore", "vm", "latest", "--vm", "web", "--name", "back").status == .done)
        #expect(try scene.read(15, from: "back") == "changed content")
    }

    @Test("a check looks at the target itself, not at copies of what it had")
    func checksSeeDamage() async throws {
        let scene = try HostScene(repository: ", layers: [{ type: cache }]")
        try scene.addMachine("web", text: "content of the disk")
        _ = await scene.run("repository", "init")
        _ = await scene.run("backup", "vm", "web")
        let pack = try #require(scene.folder.files(below: "repository/packs/m").first)
        try scene.folder.replace(pack, with: "what is this")
        #expect(await scene.run("repository", "check").status == .failed)
        #expect(await scene.run("restore", "vm", "latest", "--vm", "web", "--name", "back").status == .done)
    }

    @Test("a repository that may only be read is listed and restored from, and takes no backup")
    func readOnly() async throws {
        let scene = try HostScene()
        try scene.addMachine("web", text: "content of the disk")
        _ = await scene.run("repository", "init")
        _ = await scene.run("backup", "vm", "web")
        let before = scene.folder.files(below: "repository")
        try scene.edit("fsync: false }", to: "fsync: false }, layers: [{ type: read-only }]")
        #expect(await scene.run("points", "list").output.contains("web"))
        #expect(await scene.run("restore", "vm", "latest", "--vm", "web", "--name", "back").status == .done)
        let backup = await scene.run("backup", "vm", "web")
        #expect(backup.status == .failed)
        #expect(backup.errors.contains("the layer `read-only` of this repository lets nothing be changed"))
        #expect(scene.folder.files(below: "repository") == before)
    }

    @Test("AHVAULT_LOG shows what a log layer has to say")
    func log() async throws {
        let scene = try HostScene(repository: ", layers: [{ type: log }]")
        let quiet = await scene.run("repository", "init")
        #expect(quiet.errors == "")
        let outcome = await HostScene.run(
            ["--config", scene.configPath, "repository", "stats"], environment: ["AHVAULT_LOG": "debug"])
        #expect(outcome.status == .done)
        #expect(outcome.errors.contains("get config 0..<"))
        #expect(outcome.errors.contains("list: "))
    }
}
