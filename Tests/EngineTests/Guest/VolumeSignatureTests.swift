import Testing

@testable import Engine

/// Volumes are told by what the programs that make them write.
@Suite("What a volume holds")
struct VolumeSignatureTests {
    private static let uuid = "11111111-2222-3333-4444-555555555555"

    @Test("ext is told with its id and label", .enabled(if: Tool.has("mke2fs")), arguments: ["ext2", "ext3", "ext4"])
    func ext(type: String) async throws {
        let image = try GuestFolder().ext(type, mebibytes: 8, words: ["-U", Self.uuid, "-L", "root"])
        let signature = try await Self.signature(image)
        #expect(
            signature == VolumeSignature(kind: try #require(VolumeKind(rawValue: type)), id: Self.uuid, label: "root"))
    }

    @Test("XFS is told", .enabled(if: Tool.has("mkfs.xfs")))
    func xfs() async throws {
        let image = try GuestFolder().made(
            by: "mkfs.xfs", ["-q", "-f", "-m", "uuid=" + Self.uuid, "-L", "data"], mebibytes: 320)
        #expect(try await Self.signature(image) == VolumeSignature(kind: .xfs, id: Self.uuid, label: "data"))
    }

    @Test("swap is told", .enabled(if: Tool.has("mkswap")))
    func swap() async throws {
        let image = try GuestFolder().made(by: "mkswap", ["-q", "-U", Self.uuid, "-L", "swap"], mebibytes: 4)
        #expect(try await Self.signature(image) == VolumeSignature(kind: .swap, id: Self.uuid, label: "swap"))
    }

    @Test("FAT is told", .enabled(if: Tool.has("mkfs.vfat")), arguments: [(12, 2048), (16, 16384), (32, 40960)])
    func fat(bits: Int, kibibytes: Int) async throws {
        let image = try GuestFolder().fat(bits: bits, kibibytes: kibibytes)
        #expect(try await Self.signature(image) == VolumeSignature(kind: .fat, id: "1234-ABCD", label: "EFI"))
    }

    @Test("NTFS is told", .enabled(if: Tool.has("mkntfs")))
    func ntfs() async throws {
        let image = try GuestFolder().made(by: "mkntfs", ["-q", "-F", "-Q"], mebibytes: 8)
        #expect(try await Self.signature(image)?.kind == .ntfs)
    }

    @Test("volumes that hide others are told by their magic numbers")
    func containers() async throws {
        let places: [(VolumeKind, [UInt8], Int)] = [
            (.luks, Array("LUKS".utf8) + [0xBA, 0xBE, 0, 2], 0), (.bitLocker, Array("-FVE-FS-".utf8), 3),
            (.lvm, Array("LABELONE".utf8), 512), (.raid, [0xFC, 0x4E, 0x2B, 0xA9], 4096),
            (.raid, [0xFC, 0x4E, 0x2B, 0xA9], 0), (.raid, [0xFC, 0x4E, 0x2B, 0xA9], (1 << 20) - 8192),
            (.raid, [0xFC, 0x4E, 0x2B, 0xA9], (1 << 20) - 65536), (.btrfs, Array("_BHRfS_M".utf8), 65600),
            (.refs, Array("ReFS\0".utf8), 3), (.exfat, Array("EXFAT   ".utf8), 3),
        ]
        for (kind, bytes, place) in places {
            var disk = PiecedDisk(size: 1 << 20)
            disk.put(bytes, at: UInt64(place))
            let found = try await VolumeSignature.read(Self.volume(disk))
            #expect(found?.kind == kind, "\(kind)")
        }
    }

    @Test("nothing is told of blank or tiny volumes", arguments: [0, 1, 511, 512, 5000, 1 << 20])
    func blank(size: UInt64) async throws {
        #expect(try await VolumeSignature.read(Self.volume(PiecedDisk(size: size))) == nil)
    }

    @Test("a linear volume of LVM in two pieces is read", .enabled(if: Tool.has("mke2fs")))
    func lvm() async throws {
        let folder = GuestFolder()
        let large = ExtFileSystemTests.noise(5_000_000)
        try folder.file("/etc/fstab", "in a volume").file("/large", large)
        let image = try folder.ext(mebibytes: 12)
        let (first, second) = (5, 7)
        let physical = SampleLVM.volume(
            extents: 12, text: SampleLVM.text(first: first, second: second),
            data: [
                (second, Array(image[..<(first * SampleLVM.extent)])), (0, Array(image[(first * SampleLVM.extent)...])),
            ])
        let found = try #require(try await LVMPhysicalVolume.read(Self.volume(PiecedDisk(physical))))
        let groups = LVMGroups([found])
        #expect(groups.incomplete == [])
        #expect(groups.volumes.map(\.name) == ["vg/root"])
        let volume = try #require(groups.volumes.first?.volume)
        let tree = GuestTree(try await ExtFileSystem.open(volume))
        #expect(try await tree.text("/etc/fstab") == "in a volume")
        #expect(try await tree.file("/large")?.bytes(limit: 8 << 20) == large)
    }

    static func volume(_ disk: PiecedDisk) -> GuestVolume {
        GuestVolume("the volume", on: InspectedDisk(disk, name: "scsi.0"), ByteRange(0, disk.size))
    }

    private static func signature(_ image: [UInt8]) async throws -> VolumeSignature? {
        try await VolumeSignature.read(volume(PiecedDisk(image)))
    }
}
