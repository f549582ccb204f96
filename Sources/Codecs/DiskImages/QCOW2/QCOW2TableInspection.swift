import Engine

/// Looks at every entry of the tables of both levels.
final class QCOW2TableInspection {
    /// A table of the second level.
    struct Table {
        let offset: UInt64
        /// From how many places of the first level it is named.
        var references: UInt32
        /// Whether one of these is active.
        var isActive: Bool
        /// The number of its first cluster in the active disk; only for active ones.
        var first: UInt64
    }

    private let header: QCOW2Header
    private let file: any ImageStorage
    private let areas: QCOW2Areas
    private let refcounts: QCOW2Refcounts
    private let pages: QCOW2Pages

    init(_ head: QCOW2Head, _ areas: QCOW2Areas, _ refcounts: QCOW2Refcounts) {
        header = head.header
        file = head.storage
        self.areas = areas
        self.refcounts = refcounts
        pages = QCOW2Pages(head.storage)
    }

    /// Returns each table of the second level once.
    func run(_ check: inout ImageCheck) async throws(EngineError) -> [Table] {
        var found: [Table] = []
        for (number, range) in areas.firstLevels.enumerated() {
            try await lookAtFirstLevel(range, isActive: number == 0 && range.start == header.l1Offset, &found, &check)
            found = Self.merged(found)
        }
        for table in found { try await lookAt(table, &check) }
        return found
    }

    private static func merged(_ tables: [Table]) -> [Table] {
        var merged: [Table] = []
        for table in tables.sorted(by: { $0.offset < $1.offset }) {
            guard let last = merged.last, last.offset == table.offset else {
                merged.append(table)
                continue
            }
            merged[merged.count - 1].references &+= table.references
            guard table.isActive, !last.isActive else { continue }
            merged[merged.count - 1].isActive = true
            merged[merged.count - 1].first = table.first
        }
        return merged
    }

    private func lookAtFirstLevel(
        _ range: ByteRange, isActive: Bool, _ found: inout [Table], _ check: inout ImageCheck
    ) async throws(EngineError) {
        for index in 0..<(range.count / 8) {
            let place = range.start + index * 8
            let entry = try await pages.big64(at: place, what: "a table of the first level")
            if entry & QCOW2Layout.reservedInL1 != 0 {
                check.error(at: place, "entry \(index) of the first level has reserved bits")
            }
            let offset = entry & QCOW2Layout.offsetMask
            guard offset != 0 else { continue }
            guard offset % header.clusterSize == 0 else {
                check.error(at: place, "entry \(index) of the first level names \(offset), which is not on a cluster")
                continue
            }
            guard offset <= file.size, header.clusterSize <= file.size - offset else {
                check.error(
                    at: place,
                    "entry \(index) of the first level names \(offset), behind the file's end at \(file.size)")
                continue
            }
            if isActive { try await lookAtCopied(entry, offset, place, "the L2 table", &check) }
            found.append(Table(offset: offset, references: 1, isActive: isActive, first: index * header.l2Entries))
        }
    }

    private func lookAtCopied(
        _ entry: UInt64, _ offset: UInt64, _ place: UInt64, _ what: String, _ check: inout ImageCheck
    ) async throws(EngineError) {
        let count = try await refcounts.count(of: offset / header.clusterSize)
        let isCopied = entry & QCOW2Layout.copied != 0
        guard isCopied != (count == 1) else { return }
        let message =
            "\(what) at \(offset) is marked as \(isCopied ? "used once" : "shared"), but has the refcount \(count)"
        if header.features.contains(.dirty) {
            check.warning(at: place, message)
        } else {
            check.error(at: place, message)
        }
    }

    // MARK: Second level

    private func lookAt(_ table: Table, _ check: inout ImageCheck) async throws(EngineError) {
        for index in 0..<header.l2Entries {
            let place = table.offset + index * header.entrySize
            let what = "a table of the second level"
            var entry = QCOW2Entry(value: try await pages.big64(at: place, what: what))
            if header.hasSubclusters { entry.subclusters = try await pages.big64(at: place + 8, what: what) }
            guard entry != QCOW2Entry(value: 0) else { continue }
            if entry.isCompressed {
                lookAtPacked(entry, place, &check)
            } else {
                try await lookAtStandard(entry, place, table, index, &check)
            }
        }
    }

    private func lookAtPacked(_ entry: QCOW2Entry, _ place: UInt64, _ check: inout ImageCheck) {
        if head(has: .externalData) {
            check.error(at: place, "a compressed cluster in an image with an external data file")
        }
        if entry.isCopied { check.error(at: place, "a compressed cluster is marked as used once") }
        if entry.subclusters != 0 { check.error(at: place + 8, "a compressed cluster has subclusters") }
        let packed = entry.packed(header)
        if packed.offset >> 56 != 0 { check.error(at: place, "the place of a compressed cluster has reserved bits") }
        if packed.offset >= file.size || packed.end > roundedSize {
            check.error(
                at: place,
                "a compressed cluster at \(packed.offset) ends behind the file's end at \(file.size): the file is cut off"
            )
        }
    }

    private func head(has feature: QCOW2Features) -> Bool { header.features.contains(feature) }

    /// The file's size up to the end of its last cluster.
    private var roundedSize: UInt64 {
        let clusters = file.size / header.clusterSize + (file.size % header.clusterSize == 0 ? 0 : 1)
        return clusters.multipliedReportingOverflow(by: header.clusterSize).overflow
            ? .max : clusters * header.clusterSize
    }

    private func lookAtStandard(
        _ entry: QCOW2Entry, _ place: UInt64, _ table: Table, _ index: UInt64, _ check: inout ImageCheck
    ) async throws(EngineError) {
        let mayBeZero = header.version > 2 && !header.hasSubclusters
        let reserved = QCOW2Layout.reservedInL2 | (mayBeZero ? 0 : QCOW2Layout.zero)
        if entry.value & reserved != 0 {
            check.error(at: place, "an entry of the second level has reserved bits: \(entry.value & reserved)")
        }
        lookAtSubclusters(entry, place, &check)
        let offset = entry.offset
        guard offset % header.clusterSize == 0 else {
            return check.error(at: place, "a cluster at \(offset) is not on a multiple of \(header.clusterSize)")
        }
        if head(has: .externalData) {
            let expected = (table.first + index) * header.clusterSize
            if table.isActive, entry.isStored(header), offset != expected {
                check.error(at: place, "a cluster is at \(offset) of the external data file, not at \(expected)")
            }
            return
        }
        guard offset != 0 else {
            if entry.isCopied { check.error(at: place, "a cluster that is nowhere is marked as used once") }
            return
        }
        guard offset <= file.size else {
            return check.error(
                at: place, "a cluster at \(offset) lies behind the file's end at \(file.size): the file is cut off")
        }
        if table.isActive { try await lookAtCopied(entry.value, offset, place, "the cluster", &check) }
    }

    private func lookAtSubclusters(_ entry: QCOW2Entry, _ place: UInt64, _ check: inout ImageCheck) {
        if entry.storedBits & entry.zeroBits != 0 {
            check.error(at: place + 8, "a subcluster is both in the file and zero")
        }
        if entry.storedBits != 0, !entry.isStored(header) {
            check.error(at: place + 8, "a subcluster is in the file, but its cluster has no place")
        }
    }
}
