import Engine
import Foundation
import Targets
import Testing

@Suite("Which servers sftp trusts", .enabled(if: SSHServer.isThere, "openssh-server is not installed"))
struct SFTPHostKeyTests {
    private let server: SSHServer
    private let name: String

    init() async throws {
        server = try await SSHServer()
        name = "[127.0.0.1]:\(server.port)"
    }

    private func opens(_ values: [String: String] = [:]) async throws {
        let refusal = try await server.refusal(values)
        #expect(refusal == nil, "\(refusal?.message ?? "")\n\(server.log)")
    }

    @Test("a key that no file holds is refused, with its fingerprint and what to do")
    func unknown() async throws {
        try server.write("", to: "known_hosts")
        for file in ["known_hosts", "absent"] {
            let error = try await server.refusal(["knownHosts": server.place.path + "/" + file])
            #expect(error?.kind == .denied)
            #expect(error?.isRetryable == false)
            #expect(error?.message.contains(try server.fingerprint("host_ed25519")) == true)
            #expect(error?.message.contains("ssh-keyscan -p \(server.port) 127.0.0.1") == true)
        }
        #expect(server.place.names(in: "repository").isEmpty)
        #expect(!server.log.contains("Accepted"))
    }

    @Test("a key other than the known one is refused, with the fingerprint seen")
    func changed() async throws {
        try server.makeKey("other", type: "ed25519")
        try server.writeKnownHosts(name, "other")
        let error = try await server.refusal([:])
        #expect(error?.kind == .denied)
        #expect(error?.message.contains("is not the one in known_hosts") == true)
        #expect(error?.message.contains(try server.fingerprint("host_ed25519")) == true)
        #expect(!server.log.contains("Accepted"))
    }

    @Test("the key type that the file holds is the one that is asked for")
    func otherType() async throws {
        try server.writeKnownHosts(name, "host_ecdsa")
        try await opens()
    }

    @Test("a file with keys only of types that the server lacks says so")
    func absentType() async throws {
        try server.makeKey("rsa", type: "rsa", more: ["-b", "2048"])
        try server.writeKnownHosts(name, "rsa")
        let error = try await server.refusal([:])
        #expect(error?.kind == .denied)
        #expect(error?.message.contains("ssh-rsa") == true)
    }

    @Test("names may be hashed, be patterns, or be one of several")
    func names() async throws {
        for names in ["example.org,\(name)", "*:\(server.port)", "[127.0.0.?]:*", "127.0.0.1", "127.*,!127.0.0.2"] {
            try server.writeKnownHosts(names, "host_ed25519")
            try await opens()
        }
        try server.writeKnownHosts(name, "host_ed25519")
        #expect(
            try ChildProcess.run("/usr/bin/ssh-keygen", ["-q", "-H", "-f", server.place.path + "/known_hosts"]) == 0)
        #expect(try String(contentsOfFile: server.place.path + "/known_hosts", encoding: .utf8).hasPrefix("|1|"))
        try await opens()
    }

    @Test("a line for another name or port, or that excludes this one, does not count")
    func otherNames() async throws {
        let others = ["[127.0.0.1]:1", "127.0.0.2", "\(name)x", "*,!127.0.0.1,!\(name)", "[127.0.0.1]:\(server.port)0"]
        for names in others {
            try server.writeKnownHosts(names, "host_ed25519")
            #expect(try await server.refusal([:])?.kind == .denied, "`\(names)`")
        }
    }

    @Test("a revoked key is refused although a line has it; authorities and nonsense are passed over")
    func markers() async throws {
        let key = try server.publicKey("host_ed25519")
        try server.write("@cert-authority * \(key)\n", to: "known_hosts")
        #expect(try await server.refusal([:])?.kind == .denied)
        try server.write("# comment\n\nnonsense\n\(name) ssh-ed25519 ????\n\(name) \(key) comment\n", to: "known_hosts")
        try await opens()
        try server.write("\(name) \(key)\n@revoked * \(key)\n", to: "known_hosts")
        let error = try await server.refusal([:])
        #expect(error?.message.contains("revoked") == true)
    }

    @Test("a pinned fingerprint of any of the server's keys is enough")
    func pinned() async throws {
        for key in ["host_ed25519", "host_ecdsa"] {
            try await opens(["fingerprint": try server.fingerprint(key), "knownHosts": "absent"])
        }
        try await opens([
            "fingerprint": "SHA256:\(String(repeating: "A", count: 43)), \(try server.fingerprint("host_ecdsa"))"
        ])
    }

    @Test("another fingerprint than the pinned one is refused, although known_hosts has the key")
    func wrongPin() async throws {
        let error = try await server.refusal(["fingerprint": "SHA256:" + String(repeating: "A", count: 43)])
        #expect(error?.kind == .denied)
        #expect(error?.message.contains(try server.fingerprint("host_ed25519")) == true)
        #expect(!server.log.contains("Accepted"))
    }

    @Test("what is no fingerprint is refused as configuration")
    func nonsensePin() async throws {
        for text in ["SHA256:abc", "MD5:00:11", ",", "SHA256:" + String(repeating: "*", count: 43)] {
            let error = #expect(throws: EngineError.self) { _ = try server.target(["fingerprint": text]) }
            #expect(error?.kind == .configuration)
        }
    }
}
