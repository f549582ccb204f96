/// What the first sectors of a disk say about how a machine starts from it.
package struct PartitionTable: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// No table: blank, or a file system without one.
        case none
        case mbr
        case gpt
    }

    package let kind: Kind
    /// Whether there is a partition that UEFI starts from.
    package let hasEFISystem: Bool

    private static let efiSystem = ImageID("C12A7328-F81F-11D2-BA4B-00A0C93EC93B")
    private static let sectorSizes: [UInt64] = [512, 4096]
    /// Entries of a table that are looked at, of the usual 128 bytes each.
    private static let mostEntries = 1024

    package init(kind: Kind, hasEFISystem: Bool) {
        self.kind = kind
        self.hasEFISystem = hasEFISystem
    }

    /// Reads the tables of a disk, by UEFI's specification, section 5. What is damaged counts as absent.
    package static func read(_ disk: any BlockReader) async throws(EngineError) -> PartitionTable {
        guard let first = try await fields(disk, at: 0, count: 512), first.little(510, as: UInt16.self) == 0xAA55 else {
            return PartitionTable(kind: .none, hasEFISystem: false)
        }
        for sector in sectorSizes {
            guard let header = try await fields(disk, at: sector, count: 92), header.has("EFI PART", at: 0) else {
                continue
            }
            return PartitionTable(
                kind: .gpt, hasEFISystem: try await hasEFISystem(disk, header, sector: sector))
        }
        let types = (0..<4).map { first.byte(446 + 16 * $0 + 4) }
        return PartitionTable(kind: .mbr, hasEFISystem: types.contains(0xEF))
    }

    private static func hasEFISystem(
        _ disk: any BlockReader, _ header: ImageFields, sector: UInt64
    ) async throws(EngineError) -> Bool {
        let start = header.little(72, as: UInt64.self).multipliedReportingOverflow(by: sector)
        let count = min(Int(header.little(80, as: UInt32.self)), mostEntries)
        let size = Int(header.little(84, as: UInt32.self))
        guard !start.overflow, (128...4096).contains(size), count > 0,
            let entries = try await fields(disk, at: start.partialValue, count: count * size)
        else { return false }
        return (0..<count).contains { ImageID(microsoft: entries.slice($0 * size, 16)) == efiSystem }
    }

    /// Nil where the disk ends before.
    private static func fields(
        _ disk: any BlockReader, at offset: UInt64, count: Int
    ) async throws(EngineError) -> ImageFields? {
        guard offset <= disk.size, UInt64(count) <= disk.size - offset else { return nil }
        let buffer = Buffer(capacity: count)
        try await disk.read(ByteRange(start: offset, count: UInt64(count)), into: buffer)
        return ImageFields(buffer.array)
    }
}
