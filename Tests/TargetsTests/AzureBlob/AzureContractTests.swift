import AzureSimulator
import Engine
import EngineContracts
import FoundationEssentials
import Testing

@testable import Targets

@Suite("The target azure-blob keeps its contract", .timeLimit(.minutes(20)))
struct AzureContractTests {
    enum Fixture: String, CaseIterable, Sendable {
        case key, inBlocks, signature, application, identity, tls
    }

    @Test("each way of authorization keeps each promise", arguments: Fixture.allCases, TargetContract.cases)
    func promise(_ fixture: Fixture, _ one: TargetContract.Case) async throws {
        let server = try await AzureServer.shared.value
        let place = try TemporaryPlace()
        var changes: [String: Setting] =
            switch fixture {
            case .key, .tls: AzureServer.key
            case .inBlocks: AzureServer.key.merging(["partSize": "1"]) { $1 }
            case .signature: AzureServer.signature(until: Timestamp.now().adding(seconds: 3600))
            case .application: server.application()
            case .identity: server.identity
            }
        if fixture == .tls {
            try place.write(Array(try #require(server.simulator.certificate).utf8), to: "ca.pem")
            changes["tls"] = .block(["ca": Setting(place.path + "/ca.pem")])
            changes["endpoint"] = Setting("https://127.0.0.1:\(try #require(server.simulator.tlsPort))")
        }
        changes["prefix"] = Setting("contract/\(RandomName.make())")
        let settings = changes
        let outcome = try await one.run { try server.target(settings) }
        #expect(outcome == .kept)
    }

    @Test("what is in the container beside the repository is neither listed nor in its way")
    func strangers() async throws {
        let server = try await AzureServer.shared.value
        let folder = "my backups + more/\(RandomName.make())"
        let inner = try server.target(AzureServer.key.merging(["prefix": Setting(folder + "/inner")]) { $1 })
        let outer = try server.target(AzureServer.key.merging(["prefix": Setting(folder)]) { $1 })
        try await inner.open()
        try await outer.open()
        try await inner.put(ObjectKey("data/a"), Buffer([1]))
        try await outer.put(ObjectKey("inner.b"), Buffer([2, 3]))
        #expect(try await outer.list(prefix: "").map(\.key.text) == ["inner.b", "inner/data/a"])
        #expect(try await inner.list(prefix: "").map(\.key.text) == ["data/a"])
    }
}
