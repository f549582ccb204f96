/// Where the parts of a new sparse file lie, in bytes: header, descriptor, redundant grain directory and its tables,
/// grain directory and its tables, grains.
struct VMDKSparseLayout: Sendable {
    /// Grain tables, of which there are two copies.
    let tableCount: UInt64
    let redundantDirectory: UInt64
    let directory: UInt64
    let firstGrain: UInt64

    /// - Parameters: the disk's sectors, and those of a descriptor within.
    init(sectors: UInt64, descriptorSectors: UInt64) {
        let reach = VMDKLayout.tableReach / VMDKLayout.sector
        tableCount = (sectors + reach - 1) / reach
        redundantDirectory = (1 + descriptorSectors) * VMDKLayout.sector
        let size = Self.directorySize(tableCount) + tableCount * VMDKLayout.tableSize
        directory = redundantDirectory + size
        firstGrain = VMDKLayout.aligned(directory + size)
    }

    /// Bytes of a directory, in whole sectors.
    static func directorySize(_ tableCount: UInt64) -> UInt64 {
        VMDKLayout.sectors(tableCount * 4) * VMDKLayout.sector
    }

    /// Where the first table behind a directory begins; the others follow it.
    func firstTable(of directory: UInt64) -> UInt64 { directory + Self.directorySize(tableCount) }
}
