import AzureSimulator
import Crypto
import Engine
import FoundationEssentials

@testable import Targets

/// The simulator as a target's configuration sees it.
struct AzureServer: Sendable {
    static let account = AzureSettings.Account.development
    static let secret = "correct&horse battery+staple"

    let simulator: AzureSimulator

    /// One for all tests that need no faults; it ends with the process.
    static let shared = Task { () async throws -> AzureServer in try await start() }

    private static func start() async throws -> AzureServer {
        var settings = AzureSettings()
        settings.servesTLS = true
        settings.principals = [
            .init(clientID: "writer", secret: secret), .init(clientID: "stranger", secret: secret, role: .none),
            .init(clientID: "machine", secret: nil),
        ]
        return AzureServer(simulator: try await AzureSimulator.start(settings))
    }

    /// Runs a body with a simulator of its own.
    static func with(_ body: (AzureServer) async throws -> Void) async throws {
        let server = try await start()
        do {
            try await body(server)
        } catch {
            await server.simulator.stop()
            throw error
        }
        await server.simulator.stop()
    }

    var origin: String { "http://127.0.0.1:\(simulator.port)" }

    static var key: [String: Setting] { ["key": Setting(account.keys[0])] }

    func application(_ client: String = "writer", secret: String = secret) -> [String: Setting] {
        [
            "clientCredentials": .block([
                "tenant": Setting(AzureSettings().tenant), "clientId": Setting(client), "secret": Setting(secret),
                "authority": Setting(origin),
            ])
        ]
    }

    var identity: [String: Setting] {
        ["managedIdentity": .block(["clientId": "machine", "endpoint": Setting(origin)])]
    }

    /// A shared access signature of the account.
    static func signature(permissions: String = "racwdl", until end: Timestamp) -> [String: Setting] {
        let expiry = String(end.description.prefix(19)) + "Z"
        let fields = [account.name, permissions, "b", "co", "", expiry, "", "", "2021-12-02", "", ""]
        let key = SymmetricKey(data: Data(base64Encoded: account.keys[0]) ?? Data())
        let code = HMAC<SHA256>.authenticationCode(for: Array(fields.joined(separator: "\n").utf8), using: key)
        let text =
            "sv=2021-12-02&ss=b&srt=co&sp=\(permissions)&se=\(PercentCoding.encode(expiry))&sig="
            + PercentCoding.encode(Data(code).base64EncodedString())
        return ["sas": Setting(text)]
    }

    /// A target in the container `backups`, which it makes; not opened.
    func target(
        _ changes: [String: Setting] = AzureServer.key, policy: RetryPolicy = .instant(),
        clock: @escaping @Sendable () -> Timestamp = { .now() }
    ) throws -> AzureBlobTarget {
        var settings: [String: Setting] = ["account": Setting(Self.account.name), "createContainer": "true"]
        for (key, value) in changes { settings[key] = value }
        return try .test(settings, endpoint: origin, policy: policy, clock: clock)
    }
}
