/// What the first sector of NTFS says about its parts.
struct NTFSLayout: Sendable {
    /// Bytes.
    let clusterSize: Int
    /// Bytes of a record of the master file table.
    let recordSize: Int
    /// Cluster where that table begins.
    let tableCluster: UInt64

    init(_ sector: ImageFields, what: String) throws(EngineError) {
        let sectorSize = Int(sector.little(11, as: UInt16.self))
        let perCluster = Int(sector.byte(13))
        // Clusters of more than 128 sectors are told by a power of two.
        clusterSize = perCluster <= 128 ? sectorSize * perCluster : sectorSize << min(256 - perCluster, 12)
        let perRecord = Int8(bitPattern: sector.byte(64))
        recordSize = perRecord > 0 ? clusterSize * Int(perRecord) : 1 << min(-Int(perRecord), 16)
        tableCluster = sector.little(48)
        guard [512, 1024, 2048, 4096].contains(sectorSize), (512...(2 << 20)).contains(clusterSize),
            (512...65536).contains(recordSize), recordSize.isMultiple(of: 512)
        else { throw EngineError(.corrupt, "\(what): the first sector of NTFS is damaged") }
    }
}
