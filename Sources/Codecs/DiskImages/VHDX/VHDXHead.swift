import Engine

/// What is needed to find the blocks of a VHDX.
struct VHDXHead: Sendable {
    /// The file, its log replayed.
    let storage: any ImageStorage
    let header: VHDXHeader
    let table: ByteRange
    let metadataRegion: ByteRange
    let metadata: VHDXMetadata
    let remarks: [String]

    /// - Throws: `.corrupt`, `.unsupported`.
    static func load(_ file: any ImageStorage) async throws(EngineError) -> VHDXHead {
        do throws(EngineError) {
            let start = try await file.fields(at: 0, count: 8, what: "the file identifier")
            guard start.has(VHDXLayout.fileSignature, at: 0) else {
                throw EngineError(.corrupt, "there is no signature `vhdxfile`")
            }
            var remarks: [String] = []
            let header = try await header(of: file)
            var storage = file
            if !header.logID.isZero {
                storage = try await VHDXLog(file, header).replayed()
                remarks.append("the file was not closed: its log was replayed in memory")
            }
            let regions = try await regions(of: storage, &remarks)
            try regions.checkKnown()
            let metadataRegion = try range(VHDXLayout.metadataRegion, in: regions, of: storage)
            let metadata = try await VHDXMetadata.load(storage, metadataRegion)
            let table = try range(VHDXLayout.tableRegion, in: regions, of: storage)
            guard table.count / 8 >= metadata.tableEntries else {
                throw EngineError(
                    .corrupt, "\(table.count / 8) table entries are too few: \(metadata.tableEntries) are needed")
            }
            return VHDXHead(
                storage: storage, header: header, table: table, metadataRegion: metadataRegion, metadata: metadata,
                remarks: remarks)
        } catch {
            throw error.at(file.name)
        }
    }

    /// The valid header with the higher number.
    static func header(of file: any ImageStorage) async throws(EngineError) -> VHDXHeader {
        var found: [VHDXHeader] = []
        var failure: EngineError?
        for (index, offset) in VHDXLayout.headerOffsets.enumerated() {
            let what = "header \(index + 1)"
            do throws(EngineError) {
                let fields = try await file.fields(at: offset, count: VHDXLayout.headerSize, what: what)
                found.append(try VHDXHeader(fields, what: what))
            } catch {
                failure = error
            }
        }
        guard let newest = found.max(by: { $0.sequence < $1.sequence }) else {
            throw failure ?? EngineError(.corrupt, "there is no valid header")
        }
        if found.count == 2, found[0].sequence == found[1].sequence, found[0] != found[1] {
            throw EngineError(.corrupt, "both headers have the number \(newest.sequence), but differ")
        }
        return newest
    }

    private static func regions(
        of storage: any ImageStorage, _ remarks: inout [String]
    ) async throws(EngineError) -> VHDXRegionTable {
        var failure: EngineError?
        for (index, offset) in VHDXLayout.regionTableOffsets.enumerated() {
            let what = "region table \(index + 1)"
            do throws(EngineError) {
                let fields = try await storage.fields(at: offset, count: VHDXLayout.regionTableSize, what: what)
                let table = try VHDXRegionTable(fields, what: what)
                if let failure { remarks.append("\(failure.message): the second one is used") }
                return table
            } catch {
                failure = failure ?? error
            }
        }
        throw failure ?? EngineError(.corrupt, "there is no region table")
    }

    private static func range(
        _ id: ImageID, in regions: VHDXRegionTable, of storage: any ImageStorage
    ) throws(EngineError) -> ByteRange {
        let range = try regions.region(id)
        guard range.start >= VHDXLayout.headersEnd, range.end <= storage.size else {
            throw EngineError(
                .corrupt, "the \(VHDXLayout.name(of: id)) at \(range.start) does not lie within the file")
        }
        return range
    }
}
