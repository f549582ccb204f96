import Engine
import EngineContracts
import Glibc
import Targets
import Testing

@Suite("What an SFTP server refuses", .enabled(if: SSHServer.isThere, "openssh-server is not installed"))
struct SFTPRefusalTests {
    @Test("a folder whose parent is missing is refused, naming both; one with a parent is made for its owner alone")
    func folders() async throws {
        let server = try await SSHServer()
        let error = try await server.refusal(["path": server.place.path + "/absent/repository"])
        #expect(error?.kind == .notFound)
        #expect(error?.message.contains("/absent/repository") == true)
        let opened = try await server.refusal([:])
        #expect(opened == nil)
        var status = stat()
        #expect(stat(server.place.path + "/repository", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
    }

    @Test("a file where the folder should be is refused")
    func fileInPlace() async throws {
        let server = try await SSHServer()
        try server.write("x", to: "repository")
        #expect(try await server.refusal([:])?.kind == .configuration)
    }

    @Test("a server that takes nothing still gives what it has, and says that it refuses")
    func readOnlyServer() async throws {
        let server = try await SSHServer(subsystem: "internal-sftp -R")
        mkdir(server.place.path + "/repository", 0o700)
        try server.place.write([1, 2, 3], to: "repository/kept")
        let target = try server.target()
        try await onBlocking { () async throws in
            try await target.open()
            #expect(try await target.get(ObjectKey("kept"), limit: 10).array == [1, 2, 3])
        }
        let put = await #expect(throws: EngineError.self) {
            try await onBlocking { try await target.put(ObjectKey("new"), Buffer([1])) }
        }
        let delete = await #expect(throws: EngineError.self) {
            try await onBlocking { try await target.delete(ObjectKey("kept")) }
        }
        for error in [put, delete] {
            #expect(error?.kind == .denied)
            #expect(error?.isRetryable == false)
            #expect(error?.message.contains("127.0.0.1") == true)
        }
        await target.close()
    }

    @Test("a server without SFTP says so")
    func withoutSFTP() async throws {
        let server = try await SSHServer(subsystem: "/bin/false")
        let error = try await server.refusal(["attempts": "1"])
        #expect(error != nil)
    }

    @Test("strange names in the folder are passed over")
    func strangers() async throws {
        let server = try await SSHServer()
        let target = try server.target()
        try await onBlocking { try await target.open() }
        let folder = server.place.path + "/repository"
        mkdir(folder + "/data", 0o700)
        mkdir(folder + "/lost+found", 0o700)
        try server.place.write([1, 2], to: "repository/data/real")
        try server.place.write([9], to: "repository/.hidden")
        try server.place.write([9], to: "repository/data/with space")
        symlink("/etc/passwd", folder + "/data/link")
        try await onBlocking { () async throws in
            #expect(try await target.list(prefix: "").map(\.key.text) == ["data/real"])
            await target.close()
        }
    }

    @Test("what dead puts left is swept when it is older than a day by the server's clock; nothing else")
    func sweep() async throws {
        let server = try await SSHServer()
        let target = try server.target()
        try await onBlocking { () async throws in
            try await target.open()
            try await target.put(ObjectKey("data/kept"), Buffer([1]))
        }
        for (name, hours) in [("old", 25), ("young", 23), ("new", 0)] {
            try server.place.write([1], to: "repository/.tmp/" + name)
            var times = [timespec(), timespec()]
            clock_gettime(CLOCK_REALTIME, &times[0])
            times[0].tv_sec -= hours * 3600
            times[1] = times[0]
            utimensat(AT_FDCWD, server.place.path + "/repository/.tmp/" + name, times, 0)
        }
        try await onBlocking { () async throws in
            #expect(try await target.list(prefix: "").map(\.key.text) == ["data/kept"])
            #expect(try await target.sweep() == 1)
            #expect(try await target.sweep() == 0)
            await target.close()
        }
        #expect(server.place.names(in: "repository/.tmp") == ["new", "young"])
    }

    @Test("a path that does not start with a slash starts where log-ins do")
    func relativePath() async throws {
        let server = try await SSHServer(subsystem: "internal-sftp -d /tmp")
        let name = "ahvault-relative-" + String(server.port)
        let target = try server.target(["path": name])
        try await onBlocking { () async throws in
            try await target.open()
            try await target.put(ObjectKey("one"), Buffer([7]))
            try await target.delete(ObjectKey("one"))
            await target.close()
        }
        #expect(rmdir("/tmp/\(name)/.tmp") == 0)
        #expect(rmdir("/tmp/" + name) == 0)
    }
}

@Suite(
    "What a disk behind an SFTP server refuses",
    .enabled(if: SSHServer.isThere && geteuid() == 0, "mounting needs root, and openssh-server"), .serialized)
struct SFTPDiskTests {
    @Test("a full disk is `noSpace`, leaves nothing behind, and what was put stays readable")
    func fullDisk() async throws {
        let server = try await SSHServer()
        let disk = try MountedDisk(at: server.place.path + "/disk", options: "size=1m")
        let target = try server.target(["path": server.place.path + "/disk/repository"])
        let bytes = SampleBytes.random(600_000, seed: 1)
        try await onBlocking { () async throws in
            try await target.open()
            try await target.put(ObjectKey("data/first"), Buffer(bytes))
        }
        let error = await #expect(throws: EngineError.self) {
            try await onBlocking { try await target.put(ObjectKey("data/second"), Buffer(bytes)) }
        }
        #expect(error?.kind == .noSpace)
        #expect(error?.message.contains("free some space") == true)
        #expect(server.place.names(in: "disk/repository/.tmp").isEmpty)
        try await onBlocking { () async throws in
            #expect(try await target.get(ObjectKey("data/first"), limit: 1 << 20).array == bytes)
            try await target.put(ObjectKey("data/small"), Buffer([UInt8](repeating: 1, count: 1000)))
            await target.close()
        }
        disk.unmount()
    }

    @Test("a disk that became read-only still gives what it has, and says why it takes nothing")
    func readOnly() async throws {
        let server = try await SSHServer()
        let disk = try MountedDisk(at: server.place.path + "/disk", options: "size=1m")
        let target = try server.target(["path": server.place.path + "/disk/repository"])
        try await onBlocking { () async throws in
            try await target.open()
            try await target.put(ObjectKey("kept"), Buffer([1, 2, 3]))
        }
        try disk.remount("ro")
        let error = await #expect(throws: EngineError.self) {
            try await onBlocking { try await target.put(ObjectKey("new"), Buffer([1])) }
        }
        #expect(error?.kind == .denied)
        #expect(error?.message.contains("read-only") == true)
        try await onBlocking { () async throws in
            #expect(try await target.get(ObjectKey("kept"), limit: 10).array == [1, 2, 3])
            await target.close()
        }
        disk.unmount()
    }
}
