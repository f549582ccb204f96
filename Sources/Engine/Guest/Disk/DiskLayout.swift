/// The partitions of a disk: MBR with its chain of extended ones, or GPT by UEFI's specification, section 5.
package struct DiskLayout: Sendable {
    package enum PartitionType: Sendable, Equatable {
        case mbr(UInt8)
        case gpt(ImageID)
    }

    package struct Partition: Sendable {
        /// From 1, as Linux counts; 0 for a disk without table.
        package let number: Int
        /// Within the disk.
        package let range: ByteRange
        /// Nil for a disk without table.
        package let type: PartitionType?
        /// The one that GPT gives it.
        package let id: ImageID?
        /// Whether BIOS shall start from it.
        package var isActive = false
    }

    package let table: PartitionTable.Kind
    package let partitions: [Partition]
    /// Whether BIOS finds a program in the first sector.
    package let hasBootCode: Bool
    /// Whether the table at the disk's beginning is gone, and the copy at its end was read.
    package let isFromBackup: Bool

    private static let efiSystem = ImageID("C12A7328-F81F-11D2-BA4B-00A0C93EC93B")
    private static let biosBoot = ImageID("21686148-6449-6E6F-744E-656564454649")

    package var efiSystem: Partition? {
        partitions.first { $0.type == .mbr(0xEF) || $0.type == Self.efiSystem.map { .gpt($0) } }
    }

    /// Whether GPT has room for the rest of a BIOS boot loader.
    package var hasBIOSBoot: Bool { partitions.contains { $0.type == Self.biosBoot.map { .gpt($0) } } }

    /// Reads the tables of a disk. What is damaged counts as absent.
    package static func read(_ disk: InspectedDisk) async throws(EngineError) -> DiskLayout {
        let first = ImageFields(try await disk.bytes(at: 0, count: Int(min(512, disk.size))))
        let hasBootCode = first.bytes.prefix(440).contains { $0 != 0 }
        guard first.little(510, as: UInt16.self) == 0xAA55, !isFileSystem(first) else {
            return whole(disk, hasBootCode: false)
        }
        if let (partitions, isFromBackup) = try await GPTReader(disk: disk).partitions() {
            return DiskLayout(
                table: .gpt, partitions: partitions, hasBootCode: hasBootCode, isFromBackup: isFromBackup)
        }
        let partitions = try await MBRReader(disk: disk).partitions(first)
        guard !partitions.isEmpty else { return whole(disk, hasBootCode: hasBootCode) }
        return DiskLayout(table: .mbr, partitions: partitions, hasBootCode: hasBootCode, isFromBackup: false)
    }

    private static func whole(_ disk: InspectedDisk, hasBootCode: Bool) -> DiskLayout {
        let all = Partition(number: 0, range: ByteRange(0, disk.size), type: nil, id: nil)
        return DiskLayout(table: .none, partitions: [all], hasBootCode: hasBootCode, isFromBackup: false)
    }

    /// Whether the first sector is that of a file system, which ends as a table does.
    private static func isFileSystem(_ first: ImageFields) -> Bool {
        ["NTFS    ", "-FVE-FS-", "EXFAT   "].contains { first.has($0, at: 3) }
            || first.has("FAT", at: 54) || first.has("FAT32", at: 82)
    }
}
