import Engine
import EngineContracts
import Foundation
import Glibc
import Targets
import Testing

/// Uploads of a process of its own that is killed in the middle.
@Suite("An upload that is killed leaves nothing to be seen")
struct KilledUploadTests {
    /// Tells the victim its target: the type, and `key=value` for each setting, one a line.
    static let variable = "AHVAULT_TESTS_UPLOAD"

    /// Starts the victim, and kills it when it has appended.
    private func kill(_ type: String, _ settings: [String: String]) throws {
        let text = ([type] + settings.map { "\($0.key)=\($0.value)" }).joined(separator: "\n")
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let child = try ChildProcess(
            "/usr/bin/env",
            [
                "\(Self.variable)=\(text)", program, "--testing-library", "swift-testing", "--filter",
                "UploadVictimTests",
            ])
        var said: [String] = []
        while said.last != "appended", said.count < 200 { said.append(try child.firstLine()) }
        #expect(said.last == "appended", "\(said.filter { !$0.isEmpty })")
        child.kill()
    }

    private func expectNothing(at target: any Target) async throws {
        try await onBlocking {
            let key = try ObjectKey("exports/killed")
            #expect(try await target.list(prefix: "").isEmpty)
            #expect(try await target.size(of: key) == nil)
            try await target.put(key, Buffer([1]))
            #expect(try await target.get(key, limit: 10).array == [1])
            try await target.delete(key)
        }
    }

    @Test("in a folder, where a sweep removes what is left at once")
    func local() async throws {
        let place = try TemporaryPlace()
        try kill("local", ["path": place.path + "/repository"])
        let target = try place.target()
        try await target.open()
        #expect(place.names(in: "repository/.tmp").count == 1)
        try await expectNothing(at: target)
        #expect(try await target.sweep() == 1)
        #expect(place.names(in: "repository/.tmp").isEmpty)
    }

    @Test(
        "on an SSH server, where a sweep removes what is left after a day",
        .enabled(if: SSHServer.isThere, "openssh-server is not installed"))
    func sftp() async throws {
        let server = try await SSHServer()
        try kill(
            "sftp",
            [
                "host": "127.0.0.1", "port": String(server.port), "user": SSHServer.user,
                "keyFile": server.place.path + "/user", "knownHosts": server.place.path + "/known_hosts",
                "path": server.place.path + "/repository",
            ])
        let target = try server.target()
        try await onBlocking { try await target.open() }
        try await expectNothing(at: target)
        let left = server.place.names(in: "repository/.tmp")
        #expect(left.count == 1)
        var times = [timespec(), timespec()]
        times[0].tv_sec = time(nil) - 25 * 3600
        times[1] = times[0]
        utimensat(AT_FDCWD, server.place.path + "/repository/.tmp/" + (left.first ?? ""), times, 0)
        #expect(try await onBlocking { try await target.sweep() } == 1)
        await target.close()
    }

    @Test("in a bucket", .enabled(if: S3Server.isWanted, "the S3 servers are not installed"))
    func s3() async throws {
        let server = try await S3Server.seaweed.value
        let prefix = "killed/\(RandomName.make())"
        try kill(
            "s3",
            [
                "endpoint": server.endpoint, "bucket": S3Server.bucket, "accessKey": S3Server.accessKey,
                "secretKey": S3Server.secretKey, "prefix": prefix, "partSize": "5",
            ])
        let target = try server.target(["prefix": Setting(prefix)])
        try await target.open()
        try await expectNothing(at: target)
        #expect(try await target.sweep() == 0)
    }
}
