import Engine

/// Compares the refcounts of a file with what is used, a part of the file at a time, so that the memory is bounded.
final class QCOW2RefcountInspection {
    private let header: QCOW2Header
    private let file: any ImageStorage
    private let areas: QCOW2Areas
    private let tables: [QCOW2TableInspection.Table]
    private let refcounts: QCOW2Refcounts
    private let pages: QCOW2Pages

    /// Clusters that are counted at once.
    private static let windowSize: UInt64 = 4 << 20
    /// As many windows are looked at; the tables are read anew for each.
    private static let mostWindows: UInt64 = 1024

    init(
        _ head: QCOW2Head, _ areas: QCOW2Areas, _ tables: [QCOW2TableInspection.Table], _ refcounts: QCOW2Refcounts
    ) {
        header = head.header
        file = head.storage
        self.areas = areas
        self.tables = tables
        self.refcounts = refcounts
        pages = QCOW2Pages(head.storage)
    }

    func run(_ check: inout ImageCheck) async throws(EngineError) {
        try await lookAtTable(&check)
        let clusters = file.size / header.clusterSize + (file.size % header.clusterSize == 0 ? 0 : 1)
        guard clusters <= Self.windowSize * Self.mostWindows else {
            return check.warning(at: header.refcountTable, "the file is too large for its refcounts to be compared")
        }
        var start: UInt64 = 0
        while start < clusters {
            let window = ByteRange(start, min(start + Self.windowSize, clusters))
            try await compare(window, &check)
            start = window.end
        }
        try await lookBehindTheEnd(clusters, &check)
    }

    private func lookAtTable(_ check: inout ImageCheck) async throws(EngineError) {
        for index in 0..<refcounts.blockCount {
            let place = header.refcountTable + index * 8
            let entry = try await refcounts.entry(index)
            if entry & QCOW2Layout.reservedInRefcountTable != 0 {
                check.error(at: place, "entry \(index) of the refcount table has reserved bits")
            }
            let offset = entry & ~QCOW2Layout.reservedInRefcountTable
            guard offset != 0 else { continue }
            if offset % header.clusterSize != 0 {
                check.error(at: place, "refcount block \(index) at \(offset) is not on a cluster")
            } else if offset >= file.size || file.size - offset < header.clusterSize {
                check.error(
                    at: place, "refcount block \(index) at \(offset) ends behind the file's end at \(file.size)")
            }
        }
    }

    // MARK: A part of the file

    private func compare(_ range: ByteRange, _ check: inout ImageCheck) async throws(EngineError) {
        var window = QCOW2UseWindow(range, clusterSize: header.clusterSize)
        for area in areas.areas { window.add(area.range, area.use, named: area.range.start, &check) }
        for index in 0..<refcounts.blockCount {
            guard let block = try await refcounts.block(index) else { continue }
            let bytes = ByteRange(start: block, count: header.clusterSize)
            window.add(bytes, .refcounts, named: header.refcountTable + index * 8, &check)
        }
        for table in areas.bitmapTables { try await addBitmap(table, to: &window, &check) }
        for table in tables {
            let bytes = ByteRange(start: table.offset, count: header.clusterSize)
            window.add(bytes, .secondLevel, times: table.references, named: table.offset, &check)
        }
        for table in tables { try await add(table, to: &window, &check) }
        try await compare(window, &check)
    }

    private func addBitmap(
        _ table: ByteRange, to window: inout QCOW2UseWindow, _ check: inout ImageCheck
    ) async throws(EngineError) {
        for place in stride(from: table.start, to: table.end, by: 8) {
            let entry = try await pages.big64(at: place, what: "a table of a bitmap")
            let offset = entry & QCOW2Layout.offsetMask
            let reserved = QCOW2Layout.reservedInBitmapTable | (offset == 0 ? 0 : 1)
            if window.range.start == 0, entry & reserved != 0 {
                check.error(at: place, "an entry of a bitmap has reserved bits")
            }
            guard offset != 0 else { continue }
            if offset % header.clusterSize != 0 || offset >= file.size {
                if window.range.start == 0 { check.error(at: place, "a bitmap at \(offset) is not where it can be") }
                continue
            }
            window.add(ByteRange(start: offset, count: header.clusterSize), .others, named: place, &check)
        }
    }

    private func add(
        _ table: QCOW2TableInspection.Table, to window: inout QCOW2UseWindow, _ check: inout ImageCheck
    ) async throws(EngineError) {
        for index in 0..<header.l2Entries {
            let place = table.offset + index * header.entrySize
            let entry = QCOW2Entry(value: try await pages.big64(at: place, what: "a table of the second level"))
            if entry.isCompressed {
                let packed = entry.packed(header)
                let bytes = ByteRange(packed.offset / QCOW2Layout.sector * QCOW2Layout.sector, packed.end)
                window.add(bytes, .packedData, times: table.references, named: place, &check)
            } else if entry.offset != 0, entry.offset % header.clusterSize == 0,
                !header.features.contains(.externalData)
            {
                let bytes = ByteRange(start: entry.offset, count: header.clusterSize)
                window.add(bytes, .data, times: table.references, named: place, &check)
            }
        }
    }

    private func compare(_ window: QCOW2UseWindow, _ check: inout ImageCheck) async throws(EngineError) {
        var leaked: ByteRange?
        var block: (index: UInt64, offset: UInt64?) = (.max, nil)
        for cluster in window.range.start..<window.range.end {
            let used = window.count(of: cluster)
            let index = cluster / header.refcountsInBlock
            if block.index != index { block = (index, try await refcounts.block(index)) }
            var counted: UInt64 = 0
            if let offset = block.offset {
                counted = try await refcounts.count(cluster % header.refcountsInBlock, in: offset)
            }
            guard counted != used else { continue }
            if used == 0, let before = leaked, before.end == cluster {
                leaked = ByteRange(before.start, cluster + 1)
                continue
            }
            tell(leaked, &check)
            leaked = used == 0 ? ByteRange(cluster, cluster + 1) : nil
            if used > 0 { tell(cluster, used: used, counted: counted, &check) }
        }
        tell(leaked, &check)
    }

    private func tell(_ cluster: UInt64, used: UInt64, counted: UInt64, _ check: inout ImageCheck) {
        let offset = cluster * header.clusterSize
        let message = "the cluster at \(offset) is used \(used) times, but has the refcount \(counted)"
        if counted > used || header.features.contains(.dirty) {
            check.warning(at: offset, message)
        } else {
            check.error(at: offset, message)
        }
    }

    private func tell(_ leaked: ByteRange?, _ check: inout ImageCheck) {
        guard let leaked else { return }
        check.warning(
            at: leaked.start * header.clusterSize,
            "\(leaked.count) clusters from \(leaked.start * header.clusterSize) on have refcounts, but nobody uses them"
        )
    }

    /// Refcounts of the last block that stand for clusters behind the file's end.
    private func lookBehindTheEnd(_ clusters: UInt64, _ check: inout ImageCheck) async throws(EngineError) {
        guard let block = try await refcounts.block(clusters / header.refcountsInBlock) else { return }
        for index in (clusters % header.refcountsInBlock)..<header.refcountsInBlock
        where try await refcounts.count(index, in: block) != 0 {
            return check.warning(at: block, "clusters behind the file's end have refcounts")
        }
    }
}
