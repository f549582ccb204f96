import Engine
import FoundationEssentials
import Glibc
import LoopbackPorts

@testable import Targets

/// A real S3 server on a free port of the loopback address, started once for all tests.
struct S3Server: Sendable {
    static let bucket = "ahvault"
    static let accessKey = "tester"
    static let secretKey = "correct-horse-battery"

    let port: Int
    private let process: ServerProcess

    var endpoint: String { "http://127.0.0.1:\(port)" }

    /// Where `scripts/test` installs the servers.
    private static let programs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: ".venv-objects/bin").path

    /// Whether the tests run: always in continuous integration, where a missing server is a failure.
    static let isWanted = getenv("CI") != nil || access(programs + "/weed", X_OK) == 0

    /// SeaweedFS: checks signatures and checksums, has conditional writes and Object Lock.
    static let seaweed = Task { () async throws -> S3Server in
        try await start { port, folder in
            let rights = """
                {"identities": [{"name": "tester", "actions": ["Admin", "Read", "Write", "List", "Tagging"],
                  "credentials": [{"accessKey": "\(accessKey)", "secretKey": "\(secretKey)"}]}]}
                """
            try Data(rights.utf8).write(to: URL(filePath: folder + "/rights.json"))
            var words = [
                programs + "/weed", "server", "-dir=\(folder)", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3",
                "-s3.port=\(port)", "-s3.config=\(folder)/rights.json", "-s3.port.iceberg=0", "-s3.port.lance=0",
                "-s3.autoCreateBucket=false", "-volume.max=500", "-master.volumeSizeLimitMB=64",
                "-master.telemetry=false",
            ]
            for name in [
                "master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc",
                "s3.port.grpc",
            ] {
                words.append("-\(name)=\(try LoopbackPort.unused())")
            }
            return words
        }
    }

    /// moto: conditional writes, no checks of signatures or checksums.
    static let moto = Task { () async throws -> S3Server in
        try await start { port, _ in [programs + "/moto_server", "-H", "127.0.0.1", "-p", String(port)] }
    }

    /// rclone: checks signatures, overwrites in spite of `If-None-Match`.
    static let rclone = Task { () async throws -> S3Server in
        try await start { port, folder in
            mkdir(folder + "/served", 0o700)
            return [
                programs + "/rclone", "serve", "s3", "--config", folder + "/none", "--addr", "127.0.0.1:\(port)",
                "--auth-key", "\(accessKey),\(secretKey)", folder + "/served",
            ]
        }
    }

    private static func start(
        _ command: (_ port: Int, _ folder: String) throws -> [String]
    ) async throws -> S3Server {
        let port = try LoopbackPort.unused()
        let server = S3Server(port: port, process: try ServerProcess { try command(port, $0) })
        // A server that just started refuses connections, and then answers 500 for a while.
        var patience = HTTPRetryPolicy()
        patience.attempts = 400
        patience.total = .seconds(90)
        patience.longest = .milliseconds(300)
        let target = try server.target(["createBucket": "true", "prefix": "start"], policy: patience)
        do {
            try await target.open()
            try await target.put(ObjectKey("ready"), Buffer([1]))
        } catch {
            throw EngineError(.failed, "\(error); the server said: \(server.process.log)")
        }
        await target.close()
        return server
    }

    /// A target below `prefix`, not opened.
    func target(
        _ changes: [String: Setting] = [:], endpoint: String? = nil, environment: [String: String] = [:],
        policy: HTTPRetryPolicy = HTTPRetryPolicy(), clock: @escaping @Sendable () -> Timestamp = { .now() }
    ) throws -> S3Target {
        try Self.target(
            changes, endpoint: endpoint ?? self.endpoint, environment: environment, policy: policy, clock: clock)
    }

    static func target(
        _ changes: [String: Setting] = [:], endpoint: String, environment: [String: String] = [:],
        policy: HTTPRetryPolicy = HTTPRetryPolicy(), clock: @escaping @Sendable () -> Timestamp = { .now() }
    ) throws -> S3Target {
        var values: [String: Setting] = [
            "endpoint": Setting(endpoint), "bucket": Setting(bucket), "accessKey": Setting(accessKey),
            "secretKey": Setting(secretKey),
        ]
        for (key, value) in changes { values[key] = value }
        return try S3Target(
            .decode(.block(values.filter { if case .null = $0.value.shape { false } else { true } })),
            in: .test(environment), policy: policy, clock: clock)
    }
}
