import Engine

/// The tables of a sparse extent, of VMware's hosted products or of ESX snapshots: 32-bit sector numbers.
struct VMDKGrainTables: BlockMap {
    let size: UInt64
    let blockSize: UInt64
    private let storage: any ImageStorage
    private let directory: TablePages
    private let tables: VMDKTableCache
    private let tableEntries: UInt64
    private let hasZeroedGrains: Bool

    /// The value of an entry that stands for zeros, where the header says so.
    static let zeroedEntry: UInt32 = 1

    /// - Throws: `.corrupt` when the directory does not lie within the file.
    init(_ storage: any ImageStorage, _ header: VMDKHeader) throws(EngineError) {
        try self.init(
            storage, size: header.size, blockSize: header.grainSize, directory: header.directory,
            tableCount: header.tableCount, tableEntries: UInt64(header.tableEntries),
            hasZeroedGrains: header.flags.contains(.zeroedGrains))
    }

    init(_ storage: any ImageStorage, _ header: COWDHeader) throws(EngineError) {
        try self.init(
            storage, size: header.size, blockSize: header.grainSize, directory: header.directory,
            tableCount: header.tableCount, tableEntries: COWDHeader.tableEntries, hasZeroedGrains: false)
    }

    private init(
        _ storage: any ImageStorage, size: UInt64, blockSize: UInt64, directory: UInt64, tableCount: UInt64,
        tableEntries: UInt64, hasZeroedGrains: Bool
    ) throws(EngineError) {
        guard directory > 0, directory <= storage.size / VMDKLayout.sector else {
            throw EngineError(
                .corrupt,
                "\(storage.name): the grain directory should be at sector \(directory), but the file has "
                    + "\(storage.size) bytes: it is damaged or cut off")
        }
        self.size = size
        self.blockSize = blockSize
        self.storage = storage
        self.tableEntries = tableEntries
        self.hasZeroedGrains = hasZeroedGrains
        self.directory = try TablePages(
            storage, at: ByteRange(start: directory * VMDKLayout.sector, count: tableCount * 4),
            what: "the grain directory")
        tables = VMDKTableCache(storage, tableSize: tableEntries * 4)
    }

    func place(of grain: UInt64) async throws(EngineError) -> BlockPlace {
        let table = try await directory.little32(grain / tableEntries)
        guard table > 0 else { return .parent }
        let fields = try await tables.table(at: UInt64(table) * VMDKLayout.sector)
        let entry: UInt32 = fields.little(Int(grain % tableEntries) * 4)
        guard entry > 0 else { return .parent }
        if hasZeroedGrains, entry == Self.zeroedEntry { return .zero }
        return .stored(at: UInt64(entry) * VMDKLayout.sector)
    }
}
