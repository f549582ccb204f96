import Engine
import EngineContracts
import Logging
import Targets
import Testing

/// The remote targets with what a configuration may put around them.
@Suite(
    "The remote targets keep their contract in every layer",
    .enabled(if: SSHServer.isThere && S3Server.isWanted, "the servers are not installed"))
struct LayeredRemoteTests {
    enum Kind: String, CaseIterable, Sendable { case sftp, s3, azureBlob }

    @Test("each promise, whatever lies around", arguments: Kind.allCases, LayeredTargetTests.stacks)
    func promises(_ kind: Kind, _ stack: String) async throws {
        let folder = try TemporaryPlace()
        let context = PluginContext(
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), baseDirectory: folder.path,
            cacheDirectory: folder.path + "/cache")
        let layers = try LayeredTargetTests.layers(stack, in: context)
        let server = kind == .sftp ? try await SSHServer() : nil
        for one in TargetContract.cases {
            let name = RandomName.make()
            let target = try await target(kind, server, name)
            do {
                let outcome = try await one.run {
                    layers.reversed().reduce(try target()) { $1.around($0, at: "place-\(name)") }
                }
                #expect(outcome == .kept, "\(one)")
            } catch {
                Issue.record("\(one): \(error)")
            }
        }
    }

    private func target(
        _ kind: Kind, _ server: SSHServer?, _ name: String
    ) async throws -> @Sendable () throws -> any Target {
        switch kind {
        case .sftp:
            let server = try #require(server)
            return { try server.target(["path": server.place.path + "/" + name, "fsync": "false"]) }
        case .s3:
            let server = try await S3Server.seaweed.value
            return { try server.target(["prefix": Setting("layers/" + name)]) }
        case .azureBlob:
            let server = try await AzureServer.shared.value
            return { try server.target(AzureServer.key.merging(["prefix": Setting("layers/" + name)]) { $1 }) }
        }
    }
}
