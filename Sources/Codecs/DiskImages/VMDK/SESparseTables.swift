import Engine

/// The tables of a snapshot on VMFS 6: 64-bit entries that bear their kind in the highest four bits.
struct SESparseTables: BlockMap {
    let size: UInt64
    let blockSize = SESparseHeader.grainSectors * VMDKLayout.sector
    private let storage: any ImageStorage
    private let header: SESparseHeader
    private let directory: TablePages
    private let tables: VMDKTableCache

    /// - Throws: `.corrupt` when the directory does not lie within the file.
    init(_ storage: any ImageStorage, _ header: SESparseHeader) throws(EngineError) {
        size = header.size
        self.storage = storage
        self.header = header
        directory = try TablePages(
            storage, at: ByteRange(start: header.directory * VMDKLayout.sector, count: header.tableCount * 8),
            what: "the grain directory")
        tables = VMDKTableCache(storage, tableSize: SESparseHeader.tableSectors * VMDKLayout.sector)
    }

    func place(of grain: UInt64) async throws(EngineError) -> BlockPlace {
        let entry = try await directory.little64(grain / SESparseHeader.tableEntries)
        guard entry != 0 else { return .parent }
        guard entry >> 32 == 0x1000_0000 else {
            throw EngineError(.corrupt, "\(storage.name): the grain directory has the entry \(entry)")
        }
        let sector = header.tables + (entry & 0xFFFF_FFFF) * SESparseHeader.tableSectors
        let fields = try await tables.table(at: sector * VMDKLayout.sector)
        return try place(fields.little(Int(grain % SESparseHeader.tableEntries) * 8), of: grain)
    }

    private func place(_ entry: UInt64, of grain: UInt64) throws(EngineError) -> BlockPlace {
        switch entry >> 60 {
        case 0 where entry == 0: return .parent
        // Given back by the guest, or written as zeros.
        case 1, 2: return .zero
        case 3:
            let index = (entry >> 48 & 0xFFF) | (entry & 0xFFFF_FFFF_FFFF) << 12
            guard index <= VMDKLayout.mostBytes / blockSize else { break }
            return .stored(at: header.grains * VMDKLayout.sector + index * blockSize)
        default: break
        }
        throw EngineError(.corrupt, "\(storage.name): the entry of grain \(grain) is \(entry), which means nothing")
    }
}
