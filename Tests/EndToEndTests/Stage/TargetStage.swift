import Foundation
import LoopbackPorts
import Testing

/// A target's server with what a configuration says of it.
struct TargetStage: Sendable {
    let kind: TargetKind
    private let server: ServerProgram?
    /// The settings but for the folder of a repository.
    private let settings: [String: String]
    let environment: [String: String]
    private let place: Workplace
    /// Held for as long as the server needs its folder.
    private let home: Workplace?

    private init(
        _ kind: TargetKind, _ server: ServerProgram?, _ settings: [String: String], _ environment: [String: String],
        _ place: Workplace, _ home: Workplace? = nil
    ) {
        self.kind = kind
        self.server = server
        self.settings = settings
        self.environment = environment
        self.place = place
        self.home = home
    }

    /// The `target` block of a repository of this name.
    func target(_ name: String = "repository") -> String {
        var all = settings
        switch kind {
        case .local, .sftp: all["path"] = place.file(name)
        case .s3, .azureBlob: all["prefix"] = name
        }
        all["type"] = kind.rawValue
        return "{ " + all.sorted { $0.key < $1.key }.map { "\($0.key): \"\($0.value)\"" }.joined(separator: ", ") + " }"
    }

    /// Runs the server for as long as `body` runs.
    static func use(_ kind: TargetKind, in place: Workplace, _ body: (TargetStage) async throws -> Void) async throws {
        let stage: TargetStage
        switch kind {
        case .local: stage = TargetStage(.local, nil, [:], [:], place)
        case .sftp: stage = try await sftp(Workplace(inside: place, "ssh"), place)
        case .s3: stage = try await s3(Workplace(inside: place, "s3"), place)
        case .azureBlob: stage = try await azureBlob(Workplace(inside: place, "azure"), place)
        }
        defer { stage.server?.stop() }
        try await body(stage)
    }

    // MARK: OpenSSH

    private static func sftp(_ home: Workplace, _ place: Workplace) async throws -> TargetStage {
        for name in ["host", "user"] {
            try await run("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", home.file(name)], in: home)
        }
        let port = try LoopbackPort.unused()
        let words = try String(contentsOfFile: home.file("host.pub"), encoding: .utf8).split(separator: " ")
        try home.write("known_hosts", "[127.0.0.1]:\(port) \(words[0]) \(words[1])\n")
        try home.write("authorized_keys", String(contentsOfFile: home.file("user.pub"), encoding: .utf8))
        try home.write(
            "sshd_config",
            """
            ListenAddress 127.0.0.1:\(port)
            HostKey \(home.file("host"))
            AuthorizedKeysFile \(home.file("authorized_keys"))
            Subsystem sftp internal-sftp
            PidFile none
            UsePAM no
            StrictModes no
            MaxStartups 200
            PermitRootLogin prohibit-password
            PasswordAuthentication no

            """)
        // Where sshd is not installed as a service, nothing has made the folder that it wants.
        if geteuid() == 0 { mkdir("/run/sshd", 0o755) }
        let server = try ServerProgram(["/usr/sbin/sshd", "-D", "-e", "-f", home.file("sshd_config")], in: home)
        try await server.ready {
            try await succeeds("/usr/bin/ssh-keyscan", ["-p", "\(port)", "127.0.0.1"], in: home)
        }
        return TargetStage(
            .sftp, server,
            [
                "host": "127.0.0.1", "port": "\(port)", "user": NSUserName(), "keyFile": home.file("user"),
                "knownHosts": home.file("known_hosts"),
            ], [:], place, home)
    }

    // MARK: SeaweedFS

    private static let secretKey = "correct-horse-battery"

    private static func s3(_ home: Workplace, _ place: Workplace) async throws -> TargetStage {
        let rights = """
            {"identities": [{"name": "tester", "actions": ["Admin", "Read", "Write", "List", "Tagging"],
              "credentials": [{"accessKey": "tester", "secretKey": "\(secretKey)"}]}]}
            """
        let port = try LoopbackPort.unused()
        var words = [
            programs + "/weed", "server", "-dir=\(home.path)", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3",
            "-s3.port=\(port)", "-s3.config=\(try home.write("rights.json", rights))", "-s3.port.iceberg=0",
            "-s3.port.lance=0", "-s3.autoCreateBucket=false", "-volume.max=500", "-master.volumeSizeLimitMB=64",
            "-master.telemetry=false",
        ]
        for name in [
            "master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc",
            "s3.port.grpc",
        ] {
            words.append("-\(name)=\(try LoopbackPort.unused())")
        }
        let server = try ServerProgram(words, in: home)
        // A server that just started refuses connections, and then answers 500 for a while.
        for path in ["backups", "backups/ready"] {
            try await server.ready {
                let status = try await Program(path: "/usr/bin/curl").run(
                    [
                        "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--noproxy", "*",
                        "--aws-sigv4",
                        "aws:amz:us-east-1:s3", "--user", "tester:\(secretKey)", "--request", "PUT", "--data", "",
                        "http://127.0.0.1:\(port)/\(path)",
                    ], in: home.path
                ).output
                return ["200", "204", "409"].contains(status)
            }
        }
        return TargetStage(
            .s3, server,
            [
                "endpoint": "http://127.0.0.1:\(port)", "bucket": "backups", "accessKey": "tester",
                "secretKey": "env:S3_SECRET",
            ], ["S3_SECRET": secretKey], place, home)
    }

    /// Where `scripts/test` installs the object server.
    private static let programs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: ".venv-objects/bin").path

    // MARK: Azure

    private struct AzureEndpoint: Decodable {
        let port: Int
    }

    private static func azureBlob(_ home: Workplace, _ place: Workplace) async throws -> TargetStage {
        let ready = home.file("ready.json")
        let key = Data("an access key of tests".utf8).base64EncodedString()
        let server = try ServerProgram(
            [
                Program.azureSimulator.path, "run", "--port", "0", "--account", "backups=\(key)", "--container", "main",
                "--ready-file", ready,
            ], in: home)
        try await server.ready { FileManager.default.fileExists(atPath: ready) }
        let endpoint = try JSONDecoder().decode(AzureEndpoint.self, from: Data(contentsOf: URL(filePath: ready)))
        return TargetStage(
            .azureBlob, server,
            [
                "endpoint": "http://127.0.0.1:\(endpoint.port)", "style": "path", "account": "backups",
                "container": "main", "key": "env:AZURE_KEY",
            ], ["AZURE_KEY": key], place, home)
    }

    // MARK: Programs

    private static func run(_ path: String, _ words: [String], in place: Workplace) async throws {
        let finished = try await Program(path: path).run(words, in: place.path)
        try #require(finished.status == 0, "\(finished)")
    }

    private static func succeeds(_ path: String, _ words: [String], in place: Workplace) async throws -> Bool {
        let finished = try await Program(path: path).run(words, in: place.path)
        return finished.status == 0 && !finished.output.isEmpty
    }
}
