import Engine
import EngineContracts
import Testing

@testable import Targets

@Suite("The target s3 keeps its contract", .enabled(if: S3Server.isWanted, "the S3 servers are not installed"))
struct S3ContractTests {
    enum Fixture: String, CaseIterable, Sendable {
        case seaweed, seaweedInParts, seaweedUnconditional, moto, rclone
    }

    @Test("each server keeps each promise", .timeLimit(.minutes(20)), arguments: Fixture.allCases, TargetContract.cases)
    func promise(_ fixture: Fixture, _ one: TargetContract.Case) async throws {
        let server =
            switch fixture {
            case .seaweed, .seaweedInParts, .seaweedUnconditional: try await S3Server.seaweed.value
            case .moto: try await S3Server.moto.value
            case .rclone: try await S3Server.rclone.value
            }
        var changes: [String: Setting] = ["prefix": Setting("contract/\(RandomName.make())")]
        if fixture == .seaweedInParts { changes["partSize"] = "5" }
        if fixture == .seaweedUnconditional { changes["conditionalWrites"] = "no" }
        let settings = changes
        let outcome = try await one.run { try server.target(settings) }
        #expect(outcome == .kept)
    }

    @Test("it keeps each promise of plug-ins", arguments: PluginContract.cases)
    func pluginPromise(_ one: PluginContract.Case) async throws {
        let sample = Setting.block(["objectLock": .block(["mode": "GOVERNANCE", "days": "7"])])
        try await one.run(PluginSubject(S3Target.self, sample: sample))
    }

    @Test("whether a server has conditional writes is found out")
    func probe() async throws {
        for (server, isAtomic) in [
            (try await S3Server.seaweed.value, true), (try await S3Server.moto.value, true),
            (try await S3Server.rclone.value, false),
        ] {
            for _ in 0..<2 {
                let target = try server.target(["prefix": "probe"])
                try await target.open()
                #expect(target.capabilities.hasAtomicCreate == isAtomic, "\(server.endpoint)")
                await target.close()
            }
        }
    }

    @Test("what is in the bucket beside the repository is neither listed nor in its way")
    func strangers() async throws {
        let server = try await S3Server.seaweed.value
        let folder = "my backups + more/\(RandomName.make())"
        let inner = try server.target(["prefix": Setting(folder + "/inner")])
        let outer = try server.target(["prefix": Setting(folder)])
        try await inner.open()
        try await outer.open()
        try await inner.put(ObjectKey("data/a"), Buffer([1]))
        try await outer.put(ObjectKey("inner.b"), Buffer([2, 3]))
        #expect(try await outer.list(prefix: "").map(\.key.text) == ["inner.b", "inner/data/a"])
        #expect(try await inner.list(prefix: "").map(\.key.text) == ["data/a"])
    }

    @Test("more objects than a page holds are all listed")
    func pages() async throws {
        let server = try await S3Server.seaweed.value
        let target = try server.target(["prefix": Setting("pages/\(RandomName.make())"), "parallelism": "16"])
        try await target.open()
        let keys = (0..<1100).map { "many/\($0 % 7)/\($0)" }
        _ = try await target.together(keys) { key in try await target.put(ObjectKey(key), Buffer([1])) }
        #expect(try await target.list(prefix: "many/").map(\.key.text) == keys.sorted())
        #expect(try await target.list(prefix: "many/3/").count == keys.count { $0.hasPrefix("many/3/") })
    }
}
