import Engine
import EngineContracts
import Glibc
import Targets
import Testing

/// A small file system of its own, unmounted when the test lets go of it. Only root can mount.
private final class SmallDisk {
    let place: TemporaryPlace
    private let path: String

    init(options: String) throws {
        place = try TemporaryPlace()
        path = place.path + "/disk"
        mkdir(path, 0o700)
        try #require(
            ChildProcess.run("/bin/mount", ["-t", "tmpfs", "-o", options, "ahvault-test", path]) == 0,
            "this machine cannot mount a tmpfs")
    }

    func remount(_ options: String) throws {
        try #require(ChildProcess.run("/bin/mount", ["-o", "remount," + options, path]) == 0)
    }

    deinit { _ = try? ChildProcess.run("/bin/umount", ["-l", path]) }
}

@Suite("What a disk refuses the local target", .enabled(if: geteuid() == 0, "mounting needs root"), .serialized)
struct LocalTargetRefusalTests {
    @Test("a full disk is `noSpace`, leaves nothing behind, and what was put stays readable")
    func fullDisk() async throws {
        let disk = try SmallDisk(options: "size=1m")
        let target = try disk.place.target("disk/repository")
        try await target.open()
        let bytes = SampleBytes.random(600_000, seed: 1)
        try await target.put(ObjectKey("data/first"), Buffer(bytes))
        let error = await #expect(throws: EngineError.self) {
            try await target.put(ObjectKey("data/second"), Buffer(bytes))
        }
        #expect(error?.kind == .noSpace)
        #expect(error?.message.contains("free some space") == true)
        #expect(disk.place.names(in: "disk/repository/.tmp").isEmpty)
        #expect(try await target.list(prefix: "").map(\.key.text) == ["data/first"])
        #expect(try await target.get(ObjectKey("data/first"), limit: 1 << 20).array == bytes)
        try await target.put(ObjectKey("data/small"), Buffer([UInt8](repeating: 1, count: 1000)))
    }

    @Test("a disk out of inodes is `noSpace`")
    func noInodes() async throws {
        let disk = try SmallDisk(options: "size=1m,nr_inodes=8")
        let target = try disk.place.target("disk/repository")
        try await target.open()
        let error = await #expect(throws: EngineError.self) {
            for number in 0..<20 { try await target.put(ObjectKey("a/\(number)"), Buffer([1])) }
        }
        #expect(error?.kind == .noSpace)
    }

    @Test("a disk that became read-only still gives what it has, and says why it takes nothing")
    func readOnly() async throws {
        let disk = try SmallDisk(options: "size=1m")
        let first = try disk.place.target("disk/repository")
        try await first.open()
        try await first.put(ObjectKey("data/kept"), Buffer([1, 2, 3]))
        try disk.remount("ro")
        let target = try disk.place.target("disk/repository")
        try await target.open()
        #expect(try await target.get(ObjectKey("data/kept"), limit: 10).array == [1, 2, 3])
        let put = await #expect(throws: EngineError.self) { try await target.put(ObjectKey("data/new"), Buffer([1])) }
        let delete = await #expect(throws: EngineError.self) { try await target.delete(ObjectKey("data/kept")) }
        for error in [put, delete] {
            #expect(error?.kind == .denied)
            #expect(error?.message.contains("Read-only file system") == true)
            #expect(error?.message.contains("disk/repository") == true)
        }
    }

    @Test("a folder of the repository on another disk is refused, naming both")
    func otherFileSystem() async throws {
        let disk = try SmallDisk(options: "size=1m")
        // The repository is the mount's parent, so that its part `disk` lies on the other file system.
        let target = try disk.place.target(".")
        try await target.open()
        let error = await #expect(throws: EngineError.self) {
            try await target.put(ObjectKey("disk/object"), Buffer([1]))
        }
        #expect(error?.kind == .unsupported)
        #expect(error?.message.contains("another file system") == true)
        #expect(disk.place.names(in: ".tmp").isEmpty)
        #expect(disk.place.names(in: "disk").isEmpty)
    }
}
