import Engine
import Foundation
import Glibc
import LoopbackPorts
import Targets
import Testing

@Suite("Who may log in by sftp", .enabled(if: SSHServer.isThere, "openssh-server is not installed"))
struct SFTPLogInTests {
    private let server: SSHServer

    init() async throws { server = try await SSHServer() }

    private func opens(_ values: [String: String]) async throws {
        let refusal = try await server.refusal(values)
        #expect(refusal == nil, "\(refusal?.message ?? "")\n\(server.log)")
    }

    @Test(
        "key files of each type open the door, with and without a passphrase",
        arguments: [("ed25519", []), ("ecdsa", []), ("ecdsa", ["-b", "521"]), ("ecdsa", ["-m", "PEM"])])
    func keyFiles(type: String, more: [String]) async throws {
        try server.makeKey("plain", type: type, more: more)
        try server.makeKey("locked", type: type, passphrase: "correct horse", more: more)
        for key in ["plain", "locked"] { try server.authorize(key) }
        let folder = server.place.path
        try await opens(["keyFile": folder + "/plain"])
        try await opens(["keyFile": folder + "/locked", "passphrase": "correct horse"])
        for passphrase in ["wrong battery", ""] {
            let error = try await server.refusal(["keyFile": folder + "/locked", "passphrase": passphrase])
            #expect(error?.kind == .configuration)
            #expect(error?.message.contains("passphrase") == true)
            #expect(error?.message.contains("wrong battery") == false)
        }
    }

    @Test("a key that the server does not know is denied, naming the user and the file")
    func strangerKey() async throws {
        try server.makeKey("stranger", type: "ed25519")
        let error = try await server.refusal(["keyFile": server.place.path + "/stranger"])
        #expect(error?.kind == .denied)
        #expect(error?.isRetryable == false)
        #expect(error?.message.contains(SSHServer.user) == true)
        #expect(error?.message.contains("/stranger") == true)
    }

    @Test("a user that the server does not have is denied")
    func strangerUser() async throws {
        let error = try await server.refusal(["user": "nobody-of-this-name"])
        #expect(error?.kind == .denied)
        #expect(error?.message.contains("nobody-of-this-name") == true)
    }

    @Test("a key file that is absent, or that others can read, is refused as configuration")
    func keyFilePermissions() async throws {
        let absent = try await server.refusal(["keyFile": "absent"])
        #expect(absent?.kind == .configuration)
        chmod(server.place.path + "/user", 0o644)
        let open = try await server.refusal([:])
        #expect(open?.kind == .configuration)
        #expect(open?.message.contains("chmod 600") == true)
    }

    @Test("a server that takes keys only says so to a password, and the password is in no message")
    func noPasswords() async throws {
        let error = try await server.refusal(["keyFile": "", "password": "s3cret-s3cret"])
        #expect(error?.kind == .denied)
        #expect(error?.message.contains("publickey") == true)
        #expect(error?.message.contains("s3cret") == false)
    }

    @Test("an agent's keys of each type open the door", arguments: ["ed25519", "ecdsa", "rsa"])
    func agent(type: String) async throws {
        try server.makeKey("kept", type: type)
        try server.authorize("kept")
        let socket = server.place.path + "/agent"
        let agent = try ChildProcess(
            "/usr/bin/timeout", ["--foreground", "600", "/usr/bin/ssh-agent", "-D", "-a", socket])
        defer { agent.killWithChildren() }
        for _ in 0..<500 where access(socket, F_OK) != 0 { try await Task.sleep(for: .milliseconds(20)) }
        let empty = try await server.refusal(["keyFile": "", "agent": socket])
        #expect(empty?.kind == .configuration)
        #expect(empty?.message.contains("ssh-add") == true)
        for key in ["host_ecdsa", "kept"] {
            let add = ["SSH_AUTH_SOCK=" + socket, "/usr/bin/ssh-add", "-q", server.place.path + "/" + key]
            #expect(try ChildProcess.run("/usr/bin/env", add) == 0)
        }
        try await opens(["keyFile": "", "agent": socket])
    }

    @Test("no agent, or one without the right key, is an error that says so")
    func absentAgent() async throws {
        let error = try await server.refusal(["keyFile": "", "agent": server.place.path + "/absent"])
        #expect(error?.kind == .configuration)
        #expect(error?.message.contains("/absent") == true)
    }

    @Test("nobody listens: unreachable, and worth another try; a name that nobody has: unreachable")
    func nobodyThere() async throws {
        let port = try LoopbackPort.unused()
        let error = try await server.refusal(["port": String(port), "attempts": "2"])
        #expect(error?.kind == .unreachable)
        #expect(error?.isRetryable == true)
        #expect(error?.message.contains("127.0.0.1:\(port)") == true)
        let name = try await server.refusal(["host": "nowhere.invalid", "attempts": "1"])
        #expect(name?.kind == .unreachable)
    }

    @Test("wrong settings are refused before anything is tried, naming the key")
    func settings() throws {
        for (values, word) in [
            (["keyFile": ""], "password"), (["password": "x"], "one of"), (["port": "0"], "port"),
            (["sessions": "33"], "sessions"), (["attempts": "0"], "attempts"), (["timeout": "1"], "timeout"),
            (["keyFile": "", "password": "x", "passphrase": "y"], "passphrase"),
        ] as [([String: String], String)] {
            let error = #expect(throws: EngineError.self) { _ = try server.target(values) }
            #expect(error?.kind == .configuration)
            #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
        }
    }
}
