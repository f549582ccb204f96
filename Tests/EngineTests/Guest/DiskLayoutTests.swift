import Testing

@testable import Engine

/// Partition tables, ours and those of `sfdisk`.
@Suite("Layout of a disk")
struct DiskLayoutTests {
    @Test("a GPT of sfdisk is read", .enabled(if: Tool.has("sfdisk")))
    func gpt() async throws {
        let script = """
            label: gpt
            start=2048, size=2048, type=21686148-6449-6E6F-744E-656564454649
            start=4096, size=8192, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
            start=16384, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=11111111-2222-3333-4444-555555555555
            """
        let layout = try await Self.layout(Self.disk(script, mebibytes: 32))
        #expect(layout.table == .gpt)
        #expect(layout.partitions.map(\.number) == [1, 2, 3])
        #expect(layout.partitions[1].range == ByteRange(2 << 20, 6 << 20))
        #expect(layout.partitions[2].id == ImageID("11111111-2222-3333-4444-555555555555"))
        #expect(layout.efiSystem?.number == 2)
        #expect(layout.hasBIOSBoot)
        #expect(!layout.hasBootCode)
        #expect(!layout.isFromBackup)
    }

    @Test("a GPT is read from its copy when it is gone", .enabled(if: Tool.has("sfdisk")))
    func backup() async throws {
        var bytes = try Self.disk("label: gpt\nstart=2048, size=2048, type=uefi\n", mebibytes: 8)
        bytes.replaceSubrange(512..<2048, with: repeatElement(0, count: 1536))
        let layout = try await Self.layout(bytes)
        #expect(layout.table == .gpt)
        #expect(layout.isFromBackup)
        #expect(layout.efiSystem?.number == 1)
    }

    @Test("an MBR of sfdisk is read, with its logical partitions", .enabled(if: Tool.has("sfdisk")))
    func mbr() async throws {
        let script = """
            label: dos
            start=2048, size=4096, type=7, bootable
            start=8192, size=32768, type=5
            start=10240, size=4096, type=83
            start=18432, size=4096, type=8e
            """
        let layout = try await Self.layout(Self.disk(script, mebibytes: 32))
        #expect(layout.table == .mbr)
        #expect(layout.partitions.map(\.number) == [1, 5, 6])
        #expect(layout.partitions.map(\.type) == [.mbr(7), .mbr(0x83), .mbr(0x8E)])
        let starts: [UInt64] = [2048, 10240, 18432]
        #expect(layout.partitions.map { $0.range.start / 512 } == starts)
        #expect(layout.partitions.map(\.isActive) == [true, false, false])
    }

    @Test("a chain of logical partitions that goes in a circle ends")
    func circle() async throws {
        var first = ImageFields(count: 512)
        first.set([5], at: 450)
        first.setLittle(UInt32(8), at: 454)
        first.setLittle(UInt32(100), at: 458)
        first.set([0x55, 0xAA], at: 510)
        var link = first
        link.set([0x83], at: 450)
        link.set([5], at: 466)
        link.setLittle(UInt32(4), at: 470)
        link.setLittle(UInt32(100), at: 474)
        var disk = PiecedDisk(size: 1 << 20)
        disk.put(first.bytes, at: 0)
        disk.put(link.bytes, at: 8 * 512)
        disk.put(link.bytes, at: 12 * 512)
        let layout = try await DiskLayout.read(InspectedDisk(disk, name: "scsi.0"))
        #expect(layout.partitions.count == 128)
    }

    @Test("what has no table is one volume", arguments: [0, 100, 512, 4096])
    func none(size: UInt64) async throws {
        let layout = try await DiskLayout.read(InspectedDisk(PiecedDisk(size: size), name: "scsi.0"))
        #expect(layout.table == .none)
        #expect(layout.partitions.map(\.range) == [ByteRange(0, size)])
    }

    private static func disk(_ script: String, mebibytes: Int) throws -> [UInt8] {
        let folder = ScratchFolder()
        let path = folder.path + "-disk"
        try Tool.write([UInt8](repeating: 0, count: mebibytes << 20), to: path)
        defer { _ = try? Tool.run("rm", ["-f", path]) }
        try Tool.run("sfdisk", ["-q", "--no-reread", "--no-tell-kernel", path], input: script + "\n")
        return try Tool.read(path)
    }

    private static func layout(_ bytes: [UInt8]) async throws -> DiskLayout {
        try await DiskLayout.read(InspectedDisk(PiecedDisk(bytes), name: "scsi.0"))
    }
}
