import Engine

/// Looks at every structure of a VHDX, and names what is not as the specification or known readers demand.
final class VHDXInspection {
    private let file: any ImageStorage
    private var check = ImageCheck(format: VHDXImage.name)

    init(_ file: any ImageStorage) { self.file = file }

    func run() async throws(EngineError) -> ImageCheck {
        do throws(EngineError) {
            let start = try await file.fields(at: 0, count: 8, what: "the file identifier")
            if !start.has(VHDXLayout.fileSignature, at: 0) { check.error(at: 0, "there is no signature `vhdxfile`") }
            try await lookAtHeaders()
            let storage = try await replayed()
            try await lookAtRegionTables(storage)
            try await lookAtBlocks()
        } catch {
            // What cannot be read at all is named below, unless it was named with its place already.
            if check.errorCount == 0 { check.failure(error, at: 0) }
        }
        await lookAtOpening()
        return check
    }

    // MARK: Headers and log

    private func lookAtHeaders() async throws(EngineError) {
        var headers: [VHDXHeader] = []
        for (index, offset) in VHDXLayout.headerOffsets.enumerated() {
            do throws(EngineError) {
                let fields = try await file.fields(
                    at: offset, count: VHDXLayout.headerSize, what: "header \(index + 1)")
                let header = try VHDXHeader(fields, what: "header \(index + 1)")
                headers.append(header)
                lookAtLogPlace(header, offset)
            } catch {
                check.failure(error, at: offset)
            }
        }
        if headers.count == 2, headers[0].sequence == headers[1].sequence, headers[0] != headers[1] {
            check.error(
                at: VHDXLayout.headerOffsets[0] + 8,
                "both headers have the number \(headers[0].sequence), but differ: nobody knows which one counts")
        }
    }

    private func lookAtLogPlace(_ header: VHDXHeader, _ offset: UInt64) {
        let log = header.log
        if log.start < VHDXLayout.headersEnd || log.start % VHDXLayout.mebibyte != 0 {
            check.error(at: offset + 72, "the log begins at \(log.start), not on a MiB behind the headers")
        }
        if log.count == 0 || log.count % VHDXLayout.mebibyte != 0 {
            check.error(at: offset + 68, "the log has \(log.count) bytes, not whole MiB")
        }
        if log.end > file.size { check.error(at: offset + 72, "the log ends at \(log.end), behind the file's end") }
    }

    /// The file as readers must see it. A log that was not replayed is an error by itself.
    private func replayed() async throws(EngineError) -> any ImageStorage {
        let header = try await VHDXHead.header(of: file)
        guard !header.logID.isZero else { return file }
        check.error(
            at: header.log.start,
            "the file was not closed: its log must be replayed, and readers that ignore it see old data")
        do throws(EngineError) {
            return try await VHDXLog(file, header).replayed()
        } catch {
            check.failure(error, at: header.log.start)
            return file
        }
    }

    // MARK: Regions and metadata

    private func lookAtRegionTables(_ storage: any ImageStorage) async throws(EngineError) {
        var tables: [VHDXRegionTable] = []
        for (index, offset) in VHDXLayout.regionTableOffsets.enumerated() {
            let what = "region table \(index + 1)"
            do throws(EngineError) {
                let fields = try await storage.fields(at: offset, count: VHDXLayout.regionTableSize, what: what)
                tables.append(try VHDXRegionTable(fields, what: what))
            } catch {
                check.failure(error, at: offset)
            }
        }
        let place = VHDXLayout.regionTableOffsets[0]
        if tables.count == 2, tables[0] != tables[1] { check.error(at: place, "the region tables differ") }
        guard let table = tables.first else { return }
        lookAtRegions(table, place, storage)
        guard let region = table.entries.first(where: { $0.id == VHDXLayout.metadataRegion })?.range,
            region.end <= storage.size
        else { return }
        try await lookAtMetadata(storage, region)
    }

    private func lookAtRegions(_ table: VHDXRegionTable, _ place: UInt64, _ storage: any ImageStorage) {
        for (index, entry) in table.entries.enumerated() {
            let offset = place + 16 + 32 * UInt64(index)
            let name = VHDXLayout.name(of: entry.id)
            let isKnown = [VHDXLayout.tableRegion, VHDXLayout.metadataRegion].contains(entry.id)
            if isKnown, !entry.isRequired {
                check.warning(at: offset + 28, "the region \(name) is not marked as required")
            }
            if !isKnown {
                let message = "the region \(name) is unknown"
                if entry.isRequired { check.error(at: offset, message) } else { check.warning(at: offset, message) }
            }
            let range = entry.range
            if range.start % VHDXLayout.mebibyte != 0 || range.count % VHDXLayout.mebibyte != 0 || range.isEmpty {
                check.error(at: offset + 16, "the region \(name) does not lie on whole MiB")
            }
            if range.start < VHDXLayout.headersEnd {
                check.error(at: offset + 16, "the region \(name) lies over the headers")
            }
            if range.end > storage.size {
                check.error(at: offset + 16, "the region \(name) ends at \(range.end), behind the file's end")
            }
            for other in table.entries.prefix(index) where other.range.intersection(range) != nil {
                check.error(at: offset + 16, "the regions \(name) and \(VHDXLayout.name(of: other.id)) overlap")
            }
        }
    }

    private static let expectedFlags: [ImageID: UInt32] = [
        VHDXLayout.fileParameters: 4, VHDXLayout.diskSize: 6, VHDXLayout.diskID: 6, VHDXLayout.logicalSector: 6,
        VHDXLayout.physicalSector: 6, VHDXLayout.parentLocator: 4,
    ]

    private func lookAtMetadata(_ storage: any ImageStorage, _ region: ByteRange) async throws(EngineError) {
        let fields = try await storage.fields(
            at: region.start, count: VHDXLayout.metadataTableSize, what: "the metadata table")
        let table: VHDXMetadataTable
        do throws(EngineError) {
            table = try VHDXMetadataTable(fields, region: region)
        } catch {
            return check.failure(error, at: region.start)
        }
        let needed = Self.expectedFlags.keys.filter { $0 != VHDXLayout.parentLocator }
        for id in needed.sorted(by: { $0.description < $1.description })
        where !table.items.contains(where: { $0.id == id }) {
            check.error(at: region.start, "the metadata has no item \(VHDXLayout.name(of: id))")
        }
        for (index, item) in table.items.enumerated() {
            let place = region.start + 32 + 32 * UInt64(index)
            guard let expected = Self.expectedFlags[item.id] else {
                let message = "the metadata item \(item.id) is unknown"
                if item.isRequired { check.error(at: place, message) } else { check.warning(at: place, message) }
                continue
            }
            if item.flags & 7 != expected {
                check.warning(
                    at: place + 24, "the flags of \(VHDXLayout.name(of: item.id)) are \(item.flags), not \(expected)")
            }
            let range = ByteRange(start: UInt64(item.offset), count: UInt64(item.length))
            for other in table.items.prefix(index)
            where ByteRange(start: UInt64(other.offset), count: UInt64(other.length)).intersection(range) != nil {
                check.error(
                    at: place + 16,
                    "the items \(VHDXLayout.name(of: item.id)) and \(VHDXLayout.name(of: other.id)) overlap")
            }
        }
    }

    // MARK: Blocks

    private func lookAtBlocks() async throws(EngineError) {
        let head = try await VHDXHead.load(file)
        if let physical = head.metadata.physicalSector, ![512, 4096].contains(physical) {
            check.error(at: head.metadataRegion.start, "physical sectors of \(physical) bytes cannot be")
        }
        let blocks = VHDXBlockInspection(head)
        try await blocks.run(&check)
    }

    /// What keeps a reader from opening it that was not named yet: a parent that is not there.
    private func lookAtOpening() async {
        guard check.errorCount == 0 else { return }
        do throws(EngineError) {
            _ = try await VHDXReader.open(file)
        } catch {
            check.failure(error, at: 0)
        }
    }
}
