/// Reads partitions of the kind that PCs have had since 1983: four, one of which may be the head of a chain.
struct MBRReader {
    let disk: InspectedDisk

    private static let sector: UInt64 = 512
    private static let extended: Set<UInt8> = [0x05, 0x0F, 0x85]
    /// As many links of a chain are followed.
    private static let mostLinks = 128

    private struct Entry {
        let type: UInt8
        let isActive: Bool
        /// Sectors.
        let start: UInt64
        let count: UInt64

        init(_ sector: ImageFields, _ index: Int) {
            let offset = 446 + 16 * index
            isActive = sector.byte(offset) == 0x80
            type = sector.byte(offset + 4)
            start = UInt64(sector.little(offset + 8, as: UInt32.self))
            count = UInt64(sector.little(offset + 12, as: UInt32.self))
        }
    }

    /// - Parameter first: the disk's first sector.
    func partitions(_ first: ImageFields) async throws(EngineError) -> [DiskLayout.Partition] {
        var found: [DiskLayout.Partition] = []
        var chain: UInt64?
        for index in 0..<4 {
            let entry = Entry(first, index)
            if Self.extended.contains(entry.type) { chain = chain ?? entry.start }
            append(entry, base: 0, number: index + 1, to: &found)
        }
        if let chain { found += try await logical(from: chain) }
        return found
    }

    private func logical(from head: UInt64) async throws(EngineError) -> [DiskLayout.Partition] {
        var found: [DiskLayout.Partition] = []
        var place = head
        for _ in 0..<Self.mostLinks {
            guard place > 0, place * Self.sector + Self.sector <= disk.size else { break }
            let sector = ImageFields(try await disk.bytes(at: place * Self.sector, count: 512))
            guard sector.little(510, as: UInt16.self) == 0xAA55 else { break }
            append(Entry(sector, 0), base: place, number: 5 + found.count, to: &found)
            let next = Entry(sector, 1)
            guard Self.extended.contains(next.type), next.start > 0 else { break }
            place = head + next.start
        }
        return found
    }

    private func append(
        _ entry: Entry, base: UInt64, number: Int, to found: inout [DiskLayout.Partition]
    ) {
        guard entry.type != 0, !Self.extended.contains(entry.type), entry.count > 0 else { return }
        let start = (base + entry.start) * Self.sector
        guard start < disk.size else { return }
        let end = min(disk.size, start + entry.count * Self.sector)
        found.append(
            DiskLayout.Partition(
                number: number, range: ByteRange(start, end), type: .mbr(entry.type), id: nil,
                isActive: entry.isActive))
    }
}
