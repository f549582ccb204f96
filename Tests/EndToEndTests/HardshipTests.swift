import Foundation
import Testing

/// A wrong clock, a target that takes nothing, a full disk, no permission: each is said clearly, and the repository works
/// when it is over.
@Suite("Hardship")
struct HardshipTests {
    /// One VM of image files with two restore points.
    private struct Scene {
        let place: Workplace
        let disk: ImageDisk
        let proxy: Proxy
        let first: ImageDisk

        init(_ name: String, repository: String = "") async throws {
            place = try Workplace(name)
            disk = try ImageDisk(place.file("disk.raw"), size: 24 << 20)
            try disk.writeRandom(0..<6 << 20, seed: 1)
            proxy = try Proxy(
                place,
                sources: """
                      images: { type: image-files, state: \(place.file("state")), restore: \(place.file("restored")),
                                machines: [{ name: vm, disks: [{ path: \(place.file("disk.raw")) }] }] }
                    """, repository: repository)
            try await proxy.run("repository", "init")
            _ = try await proxy.backUp("vm")
            first = try disk.copy(to: place.file("first.raw"))
            try disk.writeRandom(1 << 20..<3 << 20, seed: 2)
            _ = try await proxy.backUp("vm")
        }

        /// Everything works: a check is clean, the oldest restore point is what it was, and an increment goes on.
        func expectUsable(_ comment: Comment) async throws {
            #expect(try await proxy.check().damages.isEmpty, comment)
            let oldest = try #require(try await proxy.points().first { $0.kind == "full" })
            try await proxy.run("restore", "vm", oldest.id, "--name", "again")
            #expect(
                try first.difference(to: ImageDisk(existing: place.file("restored/again/scsi.0.raw"))) == nil, comment)
            try place.remove("restored")
            try disk.writeRandom(4 << 20..<5 << 20, seed: 9)
            #expect(try await proxy.backUp("vm").machines.first?.disks.first?.isIncremental == true, comment)
        }
    }

    @Test("with a clock moved ahead and back, restore points stay in the order they were made, and warnings say so")
    func clocks() async throws {
        let scene = try await Scene("clocks")
        let clock = try WrongClock(in: scene.place)
        var made: [String] = []
        for (run, days) in [40, -40, 0].enumerated() {
            var proxy = scene.proxy
            proxy.environment = clock.environment(days: days)
            try scene.disk.writeRandom(8 << 20..<9 << 20, seed: UInt64(run))
            let copy = try scene.disk.copy(to: scene.place.file("run-\(run).raw"))
            let finished = try await proxy.run("backup", "vm", "vm", "--json")
            let report: BackupRecord = try finished.lastLine()
            made.append(try #require(report.machines.first?.restorePoint))
            #expect(report.machines.first?.disks.first?.isIncremental == true, "\(days) days")
            #expect(finished.output.contains("this machine's clock says") == (days != 0), "\(finished)")
            try await proxy.run("restore", "vm", "latest", "--vm", "vm", "--name", "newest")
            #expect(
                try copy.difference(to: ImageDisk(existing: scene.place.file("restored/newest/scsi.0.raw"))) == nil)
            try scene.place.remove("restored")
            try await proxy.run("repository", "prune")
            #expect(try await proxy.points().count == 3 + run)
        }
        #expect(made[0] > made[2] && made[2] > made[1])
        try await scene.expectUsable("after the clocks")
    }

    @Test("a target mounted read-only restores and checks, and says why it takes nothing")
    func readOnly() async throws {
        let scene = try await Scene("read-only")
        let repository = scene.place.file("repository")
        try Self.mount("--bind", repository, repository)
        var isMounted = true
        defer { if isMounted { try? Self.unmount(repository) } }
        try Self.mount("-o", "remount,bind,ro", repository)
        let finished = try await scene.proxy.run("backup", "vm", "vm", expecting: 1)
        #expect(finished.errors.localizedCaseInsensitiveContains("read-only"), "\(finished)")
        for command in [["repository", "prune"], ["points", "delete", "latest", "--vm", "vm", "--yes"]] {
            let refused = try await Program.ahvault.run(command, in: scene.place.path)
            #expect(refused.status == 1 && refused.errors.localizedCaseInsensitiveContains("read-only"), "\(refused)")
        }
        #expect(try await scene.proxy.check().damages.isEmpty)
        try await scene.proxy.run("restore", "vm", "latest", "--vm", "vm", "--name", "from-read-only")
        try scene.place.remove("restored")
        try Self.unmount(repository)
        isMounted = false
        try await scene.expectUsable("after the read-only mount")
    }

    @Test("a folder of the repository that belongs to another user is named, and loses nothing")
    func permission() async throws {
        let scene = try await Scene("permission")
        let repository = scene.place.file("repository")
        try Self.run("/bin/chmod", "755", scene.place.path)
        try Self.run("/bin/chmod", "-R", "go+rX", scene.place.path)
        let command = "exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$0\" \"$@\""
        let arguments = [Program.ahvault.path, "backup", "vm", "vm"]
        let stranger = Program(path: "/bin/sh")
        let finished = try await stranger.run(["-c", command] + arguments, in: scene.place.path)
        #expect(finished.status != 0 && finished.errors.contains("ermission"), "\(finished)")
        try Self.run("/bin/chmod", "600", scene.place.file("ahvault.yaml"))
        #expect(FileManager.default.fileExists(atPath: repository))
        try await scene.expectUsable("after the stranger")
    }

    @Test("a full disk is said, in a backup and in a prune, and everything works when there is room")
    func full() async throws {
        let place = try Workplace("full")
        try FileManager.default.createDirectory(atPath: place.file("repository"), withIntermediateDirectories: true)
        try Self.mount("-t", "tmpfs", "-o", "size=20m", "ahvault-test", place.file("repository"))
        defer { try? Self.unmount(place.file("repository")) }
        let disk = try ImageDisk(place.file("disk.raw"), size: 32 << 20)
        try disk.writeRandom(0..<6 << 20, seed: 1)
        let proxy = try Proxy(
            place,
            sources: """
                  images: { type: image-files, state: \(place.file("state")), restore: \(place.file("restored")),
                            machines: [{ name: vm, disks: [{ path: \(place.file("disk.raw")) }] }] }
                """)
        try await proxy.run("repository", "init")
        _ = try await proxy.backUp("vm")
        let first = try disk.copy(to: place.file("first.raw"))
        try disk.writeRandom(0..<28 << 20, seed: 2)
        let finished = try await proxy.run("backup", "vm", "vm", expecting: 1)
        #expect(finished.errors.contains("space"), "\(finished)")
        #expect(try await proxy.check().damages.isEmpty)
        try await proxy.run("repository", "prune")
        try await proxy.run("restore", "vm", "latest", "--vm", "vm", "--name", "again")
        #expect(try first.difference(to: ImageDisk(existing: place.file("restored/again/scsi.0.raw"))) == nil)

        try Data(count: 64 << 20).prefix(Self.free(place.file("repository"))).write(
            to: URL(filePath: place.file("repository/filler")))
        let cramped = try await Program.ahvault.run(["repository", "prune"], in: place.path)
        #expect(cramped.status == 1 && cramped.errors.contains("space"), "\(cramped)")
        try place.remove("repository/filler")
        try await proxy.run("repository", "prune")
        try disk.writeZeros(0..<28 << 20)
        try disk.writeRandom(0..<4 << 20, seed: 3)
        _ = try await proxy.backUp("vm")
        #expect(try await proxy.check().damages.isEmpty)
    }

    private static func free(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfFileSystem(forPath: path)
        return (attributes[.systemFreeSize] as? NSNumber)?.intValue ?? 0
    }

    static func mount(_ arguments: String...) throws { try run("/bin/mount", arguments) }
    static func unmount(_ path: String) throws { try run("/bin/umount", [path]) }
    private static func run(_ path: String, _ arguments: String...) throws { try run(path, arguments) }

    private static func run(_ path: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(path) \(arguments.joined(separator: " "))")
    }
}
