import Engine

/// Where everything is in an image that is written front to back: header, refcounts, both levels, data.
struct QCOW2StreamPlan {
    let header: QCOW2Header
    /// The clusters with a data extent.
    let clusters: BlockSet
    /// Of the first of them in the file.
    let data: UInt64
    private let firstLevel: [UInt64]
    private let refcountBlocks: ByteRange

    var end: UInt64 { data + UInt64(clusters.count) * header.clusterSize }

    /// Finds the clusters with data by the extents alone.
    init(_ disk: any BlockReader, _ template: QCOW2Header) async throws(EngineError) {
        var header = template
        let size = header.clusterSize
        var clusters = BlockSet(capacity: header.clusterCount)
        var tables: [Int] = []
        let cursor = PieceCursor(disk, pieceSize: size)
        while let range = try await cursor.take() {
            let cluster = range.start / size
            clusters.insert(cluster)
            let index = Int(cluster / header.l2Entries)
            if tables.last != index { tables.append(index) }
        }
        let l1Clusters = (header.l1Entries * 8 + size - 1) / size
        let (blocks, tableClusters) = Self.refcounts(
            for: 1 + l1Clusters + UInt64(tables.count) + UInt64(clusters.count), header)
        header.refcountTable = size
        header.refcountTableClusters = tableClusters
        refcountBlocks = ByteRange(start: size * (1 + tableClusters), count: blocks * size)
        header.l1Offset = refcountBlocks.end
        let secondLevel = header.l1Offset + l1Clusters * size
        var firstLevel = [UInt64](repeating: 0, count: Int(header.l1Entries))
        for (rank, index) in tables.enumerated() {
            firstLevel[index] = QCOW2Layout.copied | secondLevel + UInt64(rank) * size
        }
        self.firstLevel = firstLevel
        data = secondLevel + UInt64(tables.count) * size
        self.clusters = clusters
        self.header = header
    }

    /// Blocks and table clusters that count `others` and themselves.
    private static func refcounts(for others: UInt64, _ header: QCOW2Header) -> (blocks: UInt64, table: UInt64) {
        var (blocks, table): (UInt64, UInt64) = (0, 0)
        while true {
            let all = others + blocks + table
            let needed = (all + header.refcountsInBlock - 1) / header.refcountsInBlock
            let space = (needed * 8 + header.clusterSize - 1) / header.clusterSize
            if needed == blocks, space == table { return (blocks, table) }
            (blocks, table) = (needed, space)
        }
    }

    /// Writes all that stands between the first cluster and the data.
    func writeTables(to sink: any ImageSink) async throws(EngineError) {
        let size = header.clusterSize
        let table = TableWriter(to: sink, at: header.refcountTable)
        for block in stride(from: refcountBlocks.start, to: refcountBlocks.end, by: Int(size)) {
            try await table.append(big: block)
        }
        try await table.flush()
        let counts = TableWriter(to: sink, at: refcountBlocks.start)
        let used = end / size
        for _ in 0..<(used / 2) { try await counts.append(big: UInt32(0x0001_0001)) }
        if used % 2 == 1 { try await counts.append(big: UInt32(0x0001_0000)) }
        try await counts.flush()
        let levels = TableWriter(to: sink, at: header.l1Offset)
        for entry in firstLevel { try await levels.append(big: entry) }
        try await levels.flush()
        try await writeSecondLevel(to: sink)
    }

    private func writeSecondLevel(to sink: any ImageSink) async throws(EngineError) {
        var rank: UInt64 = 0
        for (index, entry) in firstLevel.enumerated() where entry != 0 {
            let table = TableWriter(to: sink, at: entry & QCOW2Layout.offsetMask)
            let first = UInt64(index) * header.l2Entries
            for cluster in first..<(first + header.l2Entries) {
                let isThere = cluster < header.clusterCount && clusters.contains(cluster)
                try await table.append(big: isThere ? QCOW2Entry.stored(at: data + rank * header.clusterSize).value : 0)
                if isThere { rank += 1 }
            }
            try await table.flush()
        }
    }
}
