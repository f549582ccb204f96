import Codecs
import Testing

@testable import Engine

/// The reader of XFS against file systems of `mkfs.xfs`.
@Suite("XFS", .enabled(if: Tool.has("mkfs.xfs")))
struct XFSFileSystemTests {
    private static let noise = ExtFileSystemTests.noise(5_000_001)

    /// What `mkfs.xfs -p` fills a file system with; sources lie in the folder.
    private static func prototype(_ folder: GuestFolder) throws -> String {
        try folder.file("/large", noise).file("/fstab", "UUID=\(SampleSystem.uuid) / xfs defaults 0 0\n")
            .file("/release", "PRETTY_NAME=\"Rocky Linux 9\"\nID=rocky\nID_LIKE=\"rhel centos fedora\"\n")
            .file("/image", SampleArchive.newc(SampleArchive.modules(["virtio_blk"]))).file("/empty", "")
        let many = (0..<1500).map { "name-of-a-file-\($0) ---644 0 0 \(folder.tree)/fstab" }
        let some = (0..<40).map { "name-of-a-file-\($0) ---644 0 0 \(folder.tree)/fstab" }
        let lines =
            ["none", "0 0", "d--755 0 0"]
            + [
                "etc d--755 0 0", "fstab ---644 0 0 \(folder.tree)/fstab",
                "os-release ---644 0 0 \(folder.tree)/release", "$",
            ]
            + [
                "boot d--755 0 0", "vmlinuz-5.14.0 ---755 0 0 \(folder.tree)/empty",
                "initramfs-5.14.0.img ---600 0 0 \(folder.tree)/image", "$",
            ]
            + ["many d--755 0 0"] + many + ["$", "some d--755 0 0"] + some + ["$"]
            + ["large ---644 0 0 \(folder.tree)/large", "short l--777 0 0 etc/fstab"]
            + ["long l--777 0 0 " + String(repeating: "./", count: 300) + "etc/fstab", "$"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// - Parameter words: of `mkfs.xfs`.
    private static func disk(_ words: [String]) throws -> [UInt8] {
        let folder = GuestFolder()
        let text = try prototype(folder)
        try folder.file("/prototype", text)
        return try folder.made(
            by: "mkfs.xfs",
            ["-q", "-f", "-d", "agcount=2", "-p", folder.tree + "/prototype"] + words, mebibytes: 320)
    }

    @Test(
        "every file is read as it was written",
        arguments: [
            ["-m", "crc=1"], ["-m", "crc=0"], ["-m", "crc=1", "-b", "size=1024"], ["-n", "size=8192"],
            ["-m", "crc=1", "-i", "size=2048"],
        ])
    func files(words: [String]) async throws {
        let disk = InspectedDisk(PiecedDisk(try Self.disk(words)), name: "scsi.0")
        let volume = GuestVolume("the volume", on: disk, ByteRange(0, disk.size))
        let tree = GuestTree(try await XFSFileSystem.open(volume))
        #expect(try await tree.file("/large")?.bytes(limit: 8 << 20) == Self.noise)
        let fstab = "UUID=\(SampleSystem.uuid) / xfs defaults 0 0\n"
        #expect(try await tree.text("/short") == fstab)
        #expect(try await tree.text("/long") == fstab)
        #expect(try await tree.text("/many/name-of-a-file-1431") == fstab)
        #expect(try await tree.text("/some/name-of-a-file-31") == fstab)
        #expect(try await tree.names(in: "/many").count == 1500)
        #expect(try await tree.names(in: "/etc") == ["fstab", "os-release"])
        #expect(try await tree.text("/boot/vmlinuz-5.14.0") == "")
        #expect(try await tree.node("/none") == nil)
    }

    @Test("a system on XFS is looked into, damaged ones too")
    func system() async throws {
        let image = try Self.disk(["-m", "crc=1,uuid=" + SampleSystem.uuid])
        let report = try await AzurePreflightTests.inspect(PiecedDisk(image))
        #expect(report.systemName == "Rocky Linux 9")
        #expect(report.findings.contains { $0.subject == .drivers && $0.remedy?.contains("dracut -f") == true })
        for number in 0..<40 {
            var generator = SeededGenerator(seed: UInt64(number) + 7)
            var disk = PiecedDisk(image)
            for _ in 0..<([1, 8, 80].randomElement(using: &generator) ?? 1) {
                var place = Int.random(in: 0..<(8 << 20), using: &generator)
                while place < image.count - 8, image[place] == 0 { place += 1 }
                disk.put([UInt8.random(in: 0...255, using: &generator)], at: UInt64(place))
            }
            _ = try await AzurePreflightTests.inspect(disk)
        }
    }
}
