import Codecs
import Glibc
import Testing

@testable import Engine

/// The reader of NTFS against file systems of ntfs-3g.
@Suite("NTFS", .enabled(if: Tool.has("mkntfs", "ntfs-3g") && access("/dev/fuse", R_OK | W_OK) == 0))
struct NTFSFileSystemTests {
    /// A file system with the folder's tree.
    static func image(_ folder: GuestFolder, clusters: Int = 4096, mebibytes: Int = 24) throws -> [UInt8] {
        let made = try folder.made(by: "mkntfs", ["-q", "-F", "-Q", "-c", "\(clusters)"], mebibytes: mebibytes)
        let place = ScratchFolder()
        mkdir(place.path, 0o700)
        let (path, mount) = (place.path + "/image", place.path + "/mount")
        mkdir(mount, 0o700)
        try Tool.write(made, to: path)
        try Tool.run("ntfs-3g", [path, mount])
        do {
            try Tool.run("cp", ["-r", folder.tree + "/.", mount])
        } catch {
            try Tool.run("umount", [mount])
            throw error
        }
        try Tool.run("umount", [mount])
        // The program behind the mount ends a moment after it.
        for _ in 0..<100 where (try? Tool.run("ntfscat", ["-q", path, "/$MFT"])) == nil { usleep(20_000) }
        return try Tool.read(path)
    }

    @Test("every file is read as it was written", arguments: [1024, 4096, 65536])
    func files(clusters: Int) async throws {
        let folder = GuestFolder()
        let large = ExtFileSystemTests.noise(3_000_001)
        try folder.file("/Windows/System32/config/SYSTEM", large).file("/resident", "in its record").file("/empty")
            .file("/Grüße aus Köln.txt", "names")
        for number in 0..<600 { try folder.file("/many/a rather long name, number \(number)", "\(number)") }
        let tree = try await Self.open(try Self.image(folder, clusters: clusters))
        #expect(try await tree.file("/windows/SYSTEM32/config/system")?.bytes(limit: 8 << 20) == large)
        #expect(try await tree.text("/resident") == "in its record")
        #expect(try await tree.text("/empty") == "")
        #expect(try await tree.text("/Grüße aus Köln.txt") == "names")
        #expect(try await tree.text("/many/a rather long name, number 431") == "431")
        #expect(Set(try await tree.names(in: "/many")).count == 600)
        #expect(try await tree.node("/many/none") == nil)
        #expect(!tree.files.needsRecovery)
    }

    @Test("a Windows is looked into, from the partition table to its registry")
    func windows() async throws {
        let folder = GuestFolder()
        var start = WindowsTests.ready
        start["storvsc"] = 3
        try folder.file("/Windows/System32/config/SYSTEM", SampleHive.bytes(WindowsTests.registry(start)))
        let disk = PartitionedDisk(
            parts: [
                .init(type: PartitionedDisk.efi, bytes: try SampleSystem().efi()),
                .init(type: "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7", bytes: try Self.image(folder)),
            ])
        let report = try await AzurePreflightTests.inspect(disk.gpt())
        #expect(report.system == .windows)
        #expect(report.findings.first?.what.contains("storvsc does not start at boot") == true)
    }

    @Test("no damage traps or goes in circles")
    func damaged() async throws {
        let folder = GuestFolder()
        try folder.file("/Windows/System32/config/SYSTEM", SampleHive.bytes(WindowsTests.registry(WindowsTests.ready)))
        for number in 0..<80 { try folder.file("/Windows/\(number) with a longer name", "x") }
        let image = try Self.image(folder, mebibytes: 8)
        for number in 0..<max(1, FuzzLength.inputs / 6) {
            var generator = SeededGenerator(seed: UInt64(number) + 3)
            var copy = image
            for _ in 0..<([1, 5, 60].randomElement(using: &generator) ?? 1) {
                var place = Int.random(in: 0..<copy.count, using: &generator)
                while place < copy.count - 8, copy[place] == 0 { place += 1 }
                copy[place] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = try await AzurePreflightTests.inspect(PiecedDisk(copy))
        }
    }

    static func open(_ image: [UInt8]) async throws -> GuestTree {
        let disk = InspectedDisk(PiecedDisk(image), name: "scsi.0")
        return GuestTree(try await NTFSFileSystem.open(GuestVolume("the volume", on: disk, ByteRange(0, disk.size))))
    }
}
