import Engine

/// The refcounts that a file has for its clusters.
struct QCOW2Refcounts {
    private let header: QCOW2Header
    private let file: any ImageStorage
    private let pages: QCOW2Pages
    private static let what = "refcounts"

    init(_ head: QCOW2Head) {
        header = head.header
        file = head.storage
        pages = QCOW2Pages(head.storage)
    }

    /// Entries of the table, as far as the file and known readers can have them.
    var blockCount: UInt64 {
        let most = min(header.refcountTableClusters, QCOW2Layout.mostRefcountTableBytes / header.clusterSize)
        guard header.refcountTable % 8 == 0, header.refcountTable < file.size else { return 0 }
        return min(most * header.clusterSize, file.size - header.refcountTable) / 8
    }

    /// An entry of the table.
    func entry(_ index: UInt64) async throws(EngineError) -> UInt64 {
        try await pages.big64(at: header.refcountTable + index * 8, what: Self.what)
    }

    /// Where a block begins; nil when there is none, or none that can be read.
    func block(_ index: UInt64) async throws(EngineError) -> UInt64? {
        guard index < blockCount else { return nil }
        let offset = try await entry(index) & ~QCOW2Layout.reservedInRefcountTable
        let isThere = offset % header.clusterSize == 0 && offset < file.size && file.size - offset >= header.clusterSize
        return offset != 0 && isThere ? offset : nil
    }

    /// A cluster's refcount.
    func count(of cluster: UInt64) async throws(EngineError) -> UInt64 {
        guard let block = try await block(cluster / header.refcountsInBlock) else { return 0 }
        return try await count(cluster % header.refcountsInBlock, in: block)
    }

    /// The refcount at an index of the block that begins at `block`.
    func count(_ index: UInt64, in block: UInt64) async throws(EngineError) -> UInt64 {
        let width: UInt64 = 1 << UInt64(header.refcountOrder)
        let bit = index * width
        let word = try await pages.big64(at: block + bit / 64 * 8, what: Self.what)
        guard width < 64 else { return word }
        let mask = (UInt64(1) << width) - 1
        let place = bit % 64
        // Within a byte the first count has the lowest bits; bytes stand as in big numbers.
        let shift = width >= 8 ? 64 - width - place : (7 - place / 8) * 8 + place % 8
        return word >> shift & mask
    }
}
