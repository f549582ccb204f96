import Engine
import EngineContracts
import Targets
import Testing

@Suite("The sftp target keeps its contract", .enabled(if: SSHServer.isThere, "openssh-server is not installed"))
struct SFTPContractTests {
    @Test("each promise, against OpenSSH", arguments: TargetContract.cases)
    func promise(_ one: TargetContract.Case) async throws {
        let server = try await SSHServer()
        let outcome = try await one.run { try server.target() }
        #expect(outcome == .kept)
        #expect(server.place.names(in: "repository/.tmp").count <= Self.leftovers(one))
    }

    @Test("each promise, against a server without OpenSSH's extensions", arguments: TargetContract.cases)
    func plainPromise(_ one: TargetContract.Case) async throws {
        let server = try await SSHServer(subsystem: "internal-sftp -P hardlink,fsync,limits,statvfs")
        let outcome = try await one.run { try server.target() }
        #expect(outcome == .kept)
        #expect(server.place.names(in: "repository/.tmp").count <= Self.leftovers(one))
    }

    @Test("each promise with one connection", arguments: TargetContract.cases)
    func singlePromise(_ one: TargetContract.Case) async throws {
        let server = try await SSHServer()
        let outcome = try await one.run { try server.target(["sessions": "1", "fsync": "false"]) }
        #expect(outcome == .kept)
    }

    /// How many temporary files a case leaves to a sweep: one alone lets go of an upload without ending it.
    private static func leftovers(_ one: TargetContract.Case) -> Int {
        one.description.contains("an upload that is let go of") ? 1 : 0
    }

    @Test("each promise of plug-ins", arguments: PluginContract.cases)
    func pluginPromise(_ one: PluginContract.Case) async throws {
        try await one.run(PluginSubject(SFTPTarget.self))
    }
}
