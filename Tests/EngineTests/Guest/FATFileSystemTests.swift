import Testing

@testable import Engine

/// The reader of FAT against file systems of dosfstools and mtools.
@Suite("FAT", .enabled(if: Tool.has("mkfs.vfat", "mcopy")))
struct FATFileSystemTests {
    @Test("every file is read as it was written", arguments: [(12, 2048), (16, 16384), (32, 40960)])
    func files(bits: Int, kibibytes: Int) async throws {
        let folder = GuestFolder()
        let large = ExtFileSystemTests.noise(300_001)
        try folder.file("/EFI/BOOT/BOOTX64.EFI", large).file("/EFI/debian/grubx64.efi", "grub")
            .file("/A name that is longer than eight and three.text", "long").file("/EFI/empty.cfg")
        for number in 0..<200 { try folder.file("/EFI/many/file number \(number)", "\(number)") }
        let tree = try await Self.open(try folder.fat(bits: bits, kibibytes: kibibytes))
        #expect(try await tree.file("/efi/boot/bootx64.efi")?.bytes(limit: 1 << 20) == large)
        #expect(try await tree.text("/EFI/Debian/GRUBX64.efi") == "grub")
        #expect(try await tree.text("/a NAME that is longer than eight and three.TEXT") == "long")
        #expect(try await tree.text("/EFI/many/file number 137") == "137")
        #expect(try await tree.text("/EFI/empty.cfg") == "")
        #expect(try await tree.names(in: "/EFI") == ["BOOT", "debian", "empty.cfg", "many"])
        #expect(try await tree.names(in: "/EFI/many").count == 200)
        #expect(try await tree.node("/EFI/none") == nil)
        #expect(try await tree.node("/EFI/empty.cfg/below") == nil)
    }

    static func open(_ image: [UInt8]) async throws -> GuestTree {
        let disk = InspectedDisk(PiecedDisk(image), name: "scsi.0")
        return GuestTree(try await FATFileSystem.open(GuestVolume("the volume", on: disk, ByteRange(0, disk.size))))
    }
}
