import Engine

/// The block allocation table of a dynamic or differencing VHD.
struct VHDBlocks: BlockMap {
    let size: UInt64
    let blockSize: UInt64
    private let isDifferencing: Bool
    private let storage: any ImageStorage
    private let table: TablePages

    /// - Throws: `.corrupt` when the table does not lie within the file.
    init(_ head: VHDHead, _ header: VHDDynamicHeader, of storage: any ImageStorage) throws(EngineError) {
        size = head.size
        blockSize = header.blockSize
        isDifferencing = head.footer.kind == .differencing
        self.storage = storage
        let entries = (size + blockSize - 1) / blockSize
        guard header.tableOffset <= storage.size else {
            throw EngineError(.corrupt, "\(storage.name): the block table should be at \(header.tableOffset)")
        }
        table = try TablePages(
            storage, at: ByteRange(start: header.tableOffset, count: entries * 4), what: "the block table")
    }

    private var bitmapSize: UInt64 { VHDLayout.bitmapSize(ofBlock: blockSize) }

    func place(of block: UInt64) async throws(EngineError) -> BlockPlace {
        let entry = try await table.big32(block)
        guard entry != VHDLayout.absent else { return .parent }
        guard entry != 0 else {
            throw EngineError(
                .corrupt, "\(storage.name): block \(block) cannot lie over the headers, as the table has it")
        }
        let start = UInt64(entry) * VHDLayout.sector
        // Dynamic disks are data whatever the bitmap says: their makers wrote all of a block, and not all set the bits.
        guard isDifferencing else { return .stored(at: start + bitmapSize) }
        let bits = try await storage.fields(at: start, count: Int(bitmapSize), what: "the bitmap of block \(block)")
        return .mixed(
            at: start + bitmapSize,
            SectorBits(bytes: bits.bytes, order: .highestFirst, sectorSize: VHDLayout.sector))
    }
}
