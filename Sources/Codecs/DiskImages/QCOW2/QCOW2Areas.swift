import Engine

/// What clusters of a file are used for.
enum QCOW2Use: UInt32, Sendable {
    case nothing, header, firstLevel, secondLevel, refcounts, others, data, packedData

    var name: String {
        switch self {
        case .nothing: "nothing"
        case .header: "the header"
        case .firstLevel: "a table of the first level"
        case .secondLevel: "a table of the second level"
        case .refcounts: "refcounts"
        case .others: "snapshots, bitmaps or an encryption header"
        case .data: "data"
        case .packedData: "compressed data"
        }
    }

    /// Whether two may have the same cluster.
    func canShare(with other: QCOW2Use) -> Bool { self == other && (self == .data || self == .packedData) }
}

/// The parts of a file that the header, its extensions and the table of snapshots name. All lie within the file.
struct QCOW2Areas {
    struct Area {
        let use: QCOW2Use
        let range: ByteRange
    }

    private let head: QCOW2Head
    private(set) var areas: [Area] = []
    /// Tables of the first level: the active one first. No two overlap.
    private(set) var firstLevels: [ByteRange] = []
    /// Tables of bitmaps. No two overlap.
    private(set) var bitmapTables: [ByteRange] = []

    private var header: QCOW2Header { head.header }
    private var file: any ImageStorage { head.storage }

    init(_ head: QCOW2Head) { self.head = head }

    mutating func load(_ check: inout ImageCheck) async throws(EngineError) {
        areas.append(Area(use: .header, range: ByteRange(0, min(header.clusterSize, file.size))))
        if header.l1Entries > 0, let l1 = place(header.l1Offset, header.l1Entries, 8, "the active L1 table", 40, &check)
        {
            firstLevels.append(l1)
        }
        let table = place(
            header.refcountTable, header.refcountTableClusters, header.clusterSize, "the refcount table", 48, &check)
        if let table { areas.append(Area(use: .refcounts, range: table)) }
        lookAtRefcountTable(&check)
        if header.snapshots > 0 { try await loadSnapshots(&check) }
        if head.extensions[.bitmaps] != nil { try await loadBitmaps(&check) }
        loadEncryption(&check)
        firstLevels = apart(firstLevels, "tables of the first level", &check)
        bitmapTables = apart(bitmapTables, "tables of bitmaps", &check)
        areas += firstLevels.map { Area(use: .firstLevel, range: $0) }
        areas += bitmapTables.map { Area(use: .others, range: $0) }
    }

    private func lookAtRefcountTable(_ check: inout ImageCheck) {
        if header.refcountTableClusters == 0 { check.error(at: 56, "there is no refcount table") }
        if header.refcountTableClusters > QCOW2Layout.mostRefcountTableBytes / header.clusterSize {
            check.error(at: 56, "a refcount table of \(header.refcountTableClusters) clusters is too large")
        }
    }

    /// The range, when it begins on a cluster and lies within the file.
    private func place(
        _ offset: UInt64, _ count: UInt64, _ size: UInt64, _ what: String, _ field: UInt64, _ check: inout ImageCheck
    ) -> ByteRange? {
        if offset % header.clusterSize != 0 {
            check.error(at: field, "\(what) at \(offset) is not on a cluster")
            return nil
        }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, offset <= file.size, bytes <= file.size - offset else {
            check.error(at: field, "\(what) at \(offset) ends behind the file's end at \(file.size)")
            return nil
        }
        return ByteRange(start: offset, count: bytes)
    }

    /// The ranges without those that lie over one before.
    private func apart(_ ranges: [ByteRange], _ what: String, _ check: inout ImageCheck) -> [ByteRange] {
        let order = ranges.indices.sorted { (ranges[$0].start, $0) < (ranges[$1].start, $1) }
        var kept: Set<Int> = []
        var end: UInt64 = 0
        for index in order where !ranges[index].isEmpty {
            if ranges[index].start < end {
                check.error(at: ranges[index].start, "two \(what) overlap")
            } else {
                kept.insert(index)
                end = ranges[index].end
            }
        }
        return ranges.indices.filter(kept.contains).map { ranges[$0] }
    }

    // MARK: Snapshots

    private mutating func loadSnapshots(_ check: inout ImageCheck) async throws(EngineError) {
        guard header.snapshots <= QCOW2Layout.mostSnapshots else {
            return check.error(at: 60, "\(header.snapshots) internal snapshots are too many")
        }
        guard let start = place(header.snapshotsOffset, 0, 1, "the table of snapshots", 64, &check)?.start else {
            return
        }
        var position = start
        for number in 0..<header.snapshots {
            guard position <= file.size, file.size - position >= 40 else {
                return check.error(at: position, "the table of snapshots ends behind the file's end")
            }
            let entry = try await file.fields(at: position, count: 40, what: "a snapshot")
            let extra = UInt64(entry.big(36, as: UInt32.self))
            if header.version > 2, extra < 16 {
                check.warning(at: position + 36, "snapshot \(number) lacks the size of its disk")
            }
            let entries = UInt64(entry.big(8, as: UInt32.self))
            if entries * 8 > QCOW2Layout.mostL1Bytes {
                check.error(at: position + 8, "the L1 table of snapshot \(number) is too large")
            } else if let l1 = place(
                entry.big(0), entries, 8, "the L1 table of snapshot \(number)", position, &check)
            {
                firstLevels.append(l1)
            }
            let size = 40 + extra + UInt64(entry.big(12, as: UInt16.self)) + UInt64(entry.big(14, as: UInt16.self))
            position += (size + 7) / 8 * 8
        }
        guard position <= file.size + 7 else {
            return check.error(at: start, "the table of snapshots ends behind the file's end")
        }
        areas.append(Area(use: .others, range: ByteRange(start, min(position, file.size))))
    }

    // MARK: Bitmaps and encryption

    private mutating func loadBitmaps(_ check: inout ImageCheck) async throws(EngineError) {
        guard let part = head.extensions[.bitmaps], part.bytes.count == 24 else { return }
        guard header.autoclearFeatures & 1 != 0 else {
            return check.warning(at: part.offset, "there are bitmaps that a writer without them has made worthless")
        }
        let count: UInt32 = part.fields.big(0)
        guard count >= 1, UInt64(count) <= QCOW2Layout.mostBitmaps else {
            return check.error(at: part.offset + 8, "\(count) bitmaps are not possible")
        }
        if part.fields.big(4) != UInt32(0) {
            check.error(at: part.offset + 12, "the extension of bitmaps has reserved bits")
        }
        guard
            let directory = place(
                part.fields.big(16), part.fields.big(8), 1, "the directory of bitmaps", part.offset + 24, &check)
        else { return }
        areas.append(Area(use: .others, range: directory))
        var position = directory.start
        for number in 0..<count {
            guard position <= directory.end, directory.end - position >= 24 else {
                return check.error(at: position, "the directory of bitmaps is too short for bitmap \(number)")
            }
            let entry = try await file.fields(at: position, count: 24, what: "a bitmap")
            lookAtBitmap(entry, number, position, &check)
            let size = 24 + UInt64(entry.big(20, as: UInt32.self)) + UInt64(entry.big(18, as: UInt16.self))
            position += (size + 7) / 8 * 8
        }
        if position != directory.end {
            check.error(at: position, "the directory of bitmaps should end at \(directory.end)")
        }
    }

    private mutating func lookAtBitmap(
        _ entry: ImageFields, _ number: UInt32, _ position: UInt64, _ check: inout ImageCheck
    ) {
        let flags: UInt32 = entry.big(12)
        if flags & ~7 != 0 { check.error(at: position + 12, "bitmap \(number) has reserved flags: \(flags)") }
        if flags & 1 != 0 { check.warning(at: position + 12, "bitmap \(number) was in use: it may be wrong") }
        if entry.byte(16) != 1 {
            check.error(at: position + 16, "bitmap \(number) is of the unknown type \(entry.byte(16))")
        }
        if entry.byte(17) > 63 {
            check.error(at: position + 17, "bitmap \(number) has the granularity 2^\(entry.byte(17))")
        }
        if entry.big(18) == UInt16(0) { check.error(at: position + 18, "bitmap \(number) has no name") }
        let entries = UInt64(entry.big(8, as: UInt32.self))
        if let table = place(entry.big(0), entries, 8, "the table of bitmap \(number)", position, &check) {
            bitmapTables.append(table)
        }
    }

    private mutating func loadEncryption(_ check: inout ImageCheck) {
        guard let part = head.extensions[.encryptionHeader], part.bytes.count == 16 else { return }
        let range = place(part.fields.big(0), part.fields.big(8), 1, "the encryption header", part.offset + 8, &check)
        if let range { areas.append(Area(use: .others, range: range)) }
    }
}
