/// Reads the partitions of a GPT, from its copy at the disk's end when the first one is gone.
struct GPTReader {
    let disk: InspectedDisk

    private static let sectors: [UInt64] = [512, 4096]
    private static let mostEntries = 1024

    /// Nil when the disk has none.
    func partitions() async throws(EngineError) -> ([DiskLayout.Partition], isFromBackup: Bool)? {
        for sector in Self.sectors {
            if let found = try await table(at: sector, sector: sector) { return (found, false) }
        }
        for sector in Self.sectors where disk.size >= 2 * sector {
            let last = (disk.size / sector - 1) * sector
            if let found = try await table(at: last, sector: sector) { return (found, true) }
        }
        return nil
    }

    private func table(at offset: UInt64, sector: UInt64) async throws(EngineError) -> [DiskLayout.Partition]? {
        guard offset + 92 <= disk.size else { return nil }
        let header = ImageFields(try await disk.bytes(at: offset, count: 92))
        guard header.has("EFI PART", at: 0) else { return nil }
        let start = header.little(72, as: UInt64.self).multipliedReportingOverflow(by: sector)
        let count = min(Int(header.little(80, as: UInt32.self)), Self.mostEntries)
        let size = Int(header.little(84, as: UInt32.self))
        guard !start.overflow, (128...4096).contains(size), count > 0, start.partialValue <= disk.size,
            UInt64(count * size) <= disk.size - start.partialValue
        else { return nil }
        let entries = try await disk.bytes(at: start.partialValue, count: count * size)
        return (0..<count).compactMap { index in
            partition(ImageFields(Array(entries[(index * size)..<(index * size + 128)])), index + 1, sector)
        }
    }

    private func partition(_ entry: ImageFields, _ number: Int, _ sector: UInt64) -> DiskLayout.Partition? {
        let type = ImageID(microsoft: entry.slice(0, 16))
        let (first, last) = (entry.little(32, as: UInt64.self), entry.little(40, as: UInt64.self))
        let end = disk.size / sector
        guard !type.isZero, first <= last, first < end else { return nil }
        return DiskLayout.Partition(
            number: number, range: ByteRange(first * sector, min(last, end - 1) * sector + sector), type: .gpt(type),
            id: ImageID(microsoft: entry.slice(16, 16)))
    }
}
