import Engine
import EngineContracts
import Logging
import Targets
import Testing

@Suite("The targets keep their contract in every layer, as configured")
struct LayeredTargetTests {
    /// Layers as a configuration has them: each breaks no promise, with drills where retries make good for them.
    static let stacks = [
        "retry", "retry drill-cut:after=sending", "retry drill-cut:after=sent", "retry drill-fail:every=4",
        "bandwidth:upload=1GiB", "concurrency:requests=2", "cache", "log", "drill-delay:milliseconds=1",
        "cache retry concurrency:requests=4 bandwidth:download=1GiB log drill-cut:every=7",
    ]

    /// `name:key=value,key=value`
    private static func choice(_ text: Substring) -> PluginChoice {
        let parts = text.split(separator: ":", maxSplits: 1)
        let pairs = parts.count < 2 ? [] : parts[1].split(separator: ",")
        var entries = pairs.map { pair in
            let sides = pair.split(separator: "=")
            return Setting.Entry(
                key: String(sides[0]), place: "test:1:1", value: Setting(.scalar(String(sides[1])), at: "test:1:1"))
        }
        if parts[0] == "retry" {
            let pause = Setting(.scalar("1"), at: "test:1:1")
            entries.append(Setting.Entry(key: "milliseconds", place: "test:1:1", value: pause))
        }
        return PluginChoice(type: String(parts[0]), settings: Setting(.map(entries), at: "test:1:1"))
    }

    static func layers(_ stack: String, in context: PluginContext) throws -> [any TargetLayer] {
        try stack.split(separator: " ").map { text in
            try Registry<any TargetLayer>.builtin.make(choice(text), in: context)
        }
    }

    @Test("the local target keeps each promise in each stack of layers", arguments: stacks, TargetContract.cases)
    func promise(_ stack: String, _ one: TargetContract.Case) async throws {
        let folder = try TemporaryPlace()
        let context = PluginContext(
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), baseDirectory: folder.path,
            cacheDirectory: folder.path + "/cache")
        let layers = try Self.layers(stack, in: context)
        let outcome = try await one.run {
            layers.reversed().reduce(try folder.target(fsync: false)) { $1.around($0, at: "place") }
        }
        #expect(outcome == .kept)
        #expect(folder.names(in: "repository/.tmp").isEmpty)
    }

    @Test("a local target has no layers unless it is given some, others have a cache")
    func usual() {
        #expect(LocalTarget.usualLayers.isEmpty)
        for layers in [SFTPTarget.usualLayers, S3Target.usualLayers, AzureBlobTarget.usualLayers] {
            #expect(layers.map(\.type) == ["cache"])
        }
        #expect([PluginChoice].remoteLayers.map(\.type) == ["cache", "retry"])
    }
}
