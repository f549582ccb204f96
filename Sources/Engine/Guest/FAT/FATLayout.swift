/// Where the parts of a FAT file system are: Microsoft's FAT specification, version 1.03.
struct FATLayout: Sendable {
    enum Width: Int, Sendable {
        case twelve = 12
        case sixteen = 16
        case thirtyTwo = 32
    }

    let width: Width
    /// Bytes of a cluster.
    let clusterSize: Int
    let clusterCount: UInt64
    /// Bytes from the volume's beginning.
    let tableStart: UInt64
    let dataStart: UInt64
    /// The root folder of FAT12 and FAT16; empty for FAT32.
    let rootRange: ByteRange
    /// Of FAT32.
    let rootCluster: UInt64

    init(_ sector: ImageFields, what: String) throws(EngineError) {
        let sectorSize = UInt64(sector.little(11, as: UInt16.self))
        let perCluster = UInt64(sector.byte(13))
        let reserved = UInt64(sector.little(14, as: UInt16.self))
        let tables = UInt64(sector.byte(16))
        let rootEntries = UInt64(sector.little(17, as: UInt16.self))
        let short = UInt64(sector.little(19, as: UInt16.self))
        let total = short > 0 ? short : UInt64(sector.little(32, as: UInt32.self))
        let shortTable = UInt64(sector.little(22, as: UInt16.self))
        let tableSectors = shortTable > 0 ? shortTable : UInt64(sector.little(36, as: UInt32.self))
        guard [512, 1024, 2048, 4096].contains(sectorSize), perCluster > 0, perCluster & (perCluster - 1) == 0,
            reserved > 0, tables > 0
        else { throw EngineError(.corrupt, "\(what): the first sector of FAT is damaged") }
        let rootStart = reserved + tables * tableSectors
        let rootSectors = (rootEntries * 32 + sectorSize - 1) / sectorSize
        guard rootStart + rootSectors < total else {
            throw EngineError(.corrupt, "\(what): the first sector of FAT is damaged")
        }
        clusterCount = (total - rootStart - rootSectors) / perCluster
        width = clusterCount < 4085 ? .twelve : clusterCount < 65525 ? .sixteen : .thirtyTwo
        clusterSize = Int(perCluster * sectorSize)
        tableStart = reserved * sectorSize
        rootRange = ByteRange(start: rootStart * sectorSize, count: rootEntries * 32)
        dataStart = (rootStart + rootSectors) * sectorSize
        rootCluster = UInt64(sector.little(44, as: UInt32.self))
    }

    func isCluster(_ number: UInt64) -> Bool { number >= 2 && number - 2 < clusterCount }

    /// - Precondition: `isCluster(number)`.
    func place(ofCluster number: UInt64) -> UInt64 { dataStart + (number - 2) * UInt64(clusterSize) }
}
