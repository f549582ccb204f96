import Codecs
import Testing

@testable import Engine

/// Damaged and hostile disks: they are looked at to an end, with findings, and in little memory.
@Suite("Hostile guests", .serialized, .enabled(if: Tool.has("mke2fs", "mkfs.vfat", "mcopy", "gzip", "zstd", "lz4")))
struct GuestFuzzTests {
    private static let allowance = 512 << 20

    enum Subject: String, CaseIterable, Codable, Sendable {
        case extents, pointers, inline, fat, lvm, archive, gzip, zstd, lz4
    }

    @Test("no damage traps, goes in circles, or is believed to need memory", arguments: Subject.allCases)
    func damaged(subject: Subject) async {
        await #expect(processExitsWith: .success) { [subject] in
            let disk = try Self.sample(subject)
            let before = ProcessEnvironment.addressSpace
            for number in FuzzLength.first..<(FuzzLength.first + max(1, FuzzLength.inputs / 10)) {
                FuzzLength.trace("\(subject) \(number)")
                _ = try await AzurePreflightTests.inspect(PiecedDisk(Self.damaged(disk, number)))
                let peak = ProcessEnvironment.addressSpace
                try #require(peak <= before + Self.allowance, "\(subject) \(number): \(peak - before) bytes more")
            }
        }
    }

    /// Changes where structures are: anywhere, near the beginning of a partition, and in bytes that are not zero.
    private static func damaged(_ disk: [UInt8], _ number: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: UInt64(number) &* 0x2545_F491_4F6C_DD1D &+ 5)
        var disk = disk
        let count = [1, 3, 20, 200].randomElement(using: &generator) ?? 1
        for _ in 0..<count {
            let start = Bool.random(using: &generator) ? 1 << 20 : 0
            let span = [4096, 64 << 10, 1 << 20, disk.count - start].randomElement(using: &generator) ?? 4096
            var place = start + Int.random(in: 0..<min(span, disk.count - start), using: &generator)
            while place < disk.count - 8, disk[place] == 0 { place += 1 }
            let value = [0, 1, 0x7F, 0x80, 0xFE, 0xFF, UInt8.random(in: 0...255, using: &generator)]
            for offset in 0..<([1, 2, 4, 8].randomElement(using: &generator) ?? 1) where place + offset < disk.count {
                disk[place + offset] = value.randomElement(using: &generator) ?? 0
            }
        }
        return disk
    }

    /// A whole disk of few mebibytes.
    private static func sample(_ subject: Subject) throws -> [UInt8] {
        var system = SampleSystem()
        switch subject {
        case .gzip: system.packing = { try $0.packed($1, by: "gzip", ["-c"]) }
        case .zstd: system.packing = { try $0.packed($1, by: "zstd", ["-q", "-c"]) }
        case .lz4: system.packing = { try $0.packed($1, by: "lz4", ["-q", "-l", "-c"]) }
        default: break
        }
        let part =
            switch subject {
            case .fat: PartitionedDisk.Part(type: PartitionedDisk.efi, bytes: try system.efi())
            case .pointers: PartitionedDisk.Part(type: PartitionedDisk.linux, bytes: try system.root(type: "ext3"))
            case .inline:
                PartitionedDisk.Part(type: PartitionedDisk.linux, bytes: try system.root(features: "inline_data"))
            case .lvm: PartitionedDisk.Part(type: PartitionedDisk.lvm, bytes: try lvm(system))
            default: PartitionedDisk.Part(type: PartitionedDisk.linux, bytes: try system.root())
            }
        let disk = PartitionedDisk(parts: [part], mebibytes: UInt64(part.bytes.count >> 20) + 2).gpt()
        return disk.bytes
    }

    private static func lvm(_ system: SampleSystem) throws -> [UInt8] {
        let root = try system.root(mebibytes: 8)
        return SampleLVM.volume(
            extents: 8, text: SampleLVM.text(first: 5, second: 3),
            data: [(3, Array(root[..<(5 << 20)])), (0, Array(root[(5 << 20)...]))])
    }
}
