import Engine

/// Looks at a stream twice: from its front, marker by marker as importers do, and from its tables, grain by grain.
final class VMDKStreamInspection {
    private let storage: any ImageStorage
    /// The header as it stands at the file's beginning.
    private let start: VMDKHeader
    /// What counts: the footer where there is one, nil when it is damaged.
    private let header: VMDKHeader?
    private let findings: VMDKFindings

    init(_ storage: any ImageStorage, start: VMDKHeader, header: VMDKHeader?, _ findings: VMDKFindings) {
        self.storage = storage
        self.start = start
        self.header = header
        self.findings = findings
    }

    private var hasFooter: Bool { start.directory == VMDKLayout.directoryInFooter }

    func run() async throws(EngineError) {
        if storage.size % VMDKLayout.sector != 0 {
            findings.error(at: storage.size, "the file's size is no multiple of 512")
        }
        var tables: VMDKGrainTables?
        if let header {
            do throws(EngineError) {
                tables = try VMDKGrainTables(storage, header)
            } catch {
                findings.failure(error, at: 56)
            }
        }
        try await walk(tables)
        if let header, tables != nil { try await lookAtTables(header) }
    }

    // MARK: From the front

    private func walk(_ tables: VMDKGrainTables?) async throws(EngineError) {
        guard start.overhead <= storage.size / VMDKLayout.sector else { return }
        var position = start.overhead * VMDKLayout.sector
        var lastGrain: UInt64?
        while position <= storage.size, storage.size - position >= VMDKLayout.sector {
            let fields = try await storage.fields(at: position, count: Int(VMDKLayout.sector), what: "a marker")
            let marker = VMDKMarker(fields)
            guard !marker.isGrain else {
                guard let next = try await grain(marker, at: position, &lastGrain, tables) else { return }
                position = next
                continue
            }
            guard let kind = marker.kind else {
                return findings.error(at: position, "the marker is of the kind \(marker.kindNumber), which is unknown")
            }
            if kind == .endOfStream {
                let end = position + VMDKLayout.sector
                if end < storage.size {
                    findings.error(
                        at: position, "the stream ends here, but \(storage.size - end) bytes follow")
                }
                return
            }
            guard marker.value <= (storage.size - position) / VMDKLayout.sector else {
                return findings.error(at: position, "what the marker announces ends behind the file's end")
            }
            position += (1 + marker.value) * VMDKLayout.sector
        }
        findings.error(
            at: storage.size, "the file ends without the marker for the end of the stream: importers wait for it")
    }

    /// Where the next marker is; nil where there is no telling.
    private func grain(
        _ marker: VMDKMarker, at position: UInt64, _ last: inout UInt64?, _ tables: VMDKGrainTables?
    ) async throws(EngineError) -> UInt64? {
        let end = position + UInt64(VMDKMarker.grainPrefix) + UInt64(marker.grainBytes)
        guard UInt64(marker.grainBytes) <= 2 * start.grainSize, end <= storage.size else {
            findings.error(at: position, "a grain of \(marker.grainBytes) compressed bytes cannot be here")
            return nil
        }
        let next = VMDKLayout.sectors(end) * VMDKLayout.sector
        guard marker.value % start.grainSectors == 0, marker.value < start.capacity else {
            findings.error(at: position, "no grain of the disk begins at sector \(marker.value)")
            return next
        }
        if let last, marker.value <= last {
            findings.error(
                at: position,
                "the grain of sector \(marker.value) stands behind that of \(last): importers read forward only")
        }
        last = max(last ?? 0, marker.value)
        if let tables, let place = try? await tables.place(of: marker.value / start.grainSectors),
            !place.isStored(at: position)
        {
            findings.error(
                at: position, "the grain of sector \(marker.value) is in the stream, but the tables do not name it here"
            )
        }
        return next
    }

    // MARK: From the tables

    private func lookAtTables(_ header: VMDKHeader) async throws(EngineError) {
        try await lookAtMarkers(header)
        let directory = try TablePages(
            storage, at: ByteRange(start: header.directory * VMDKLayout.sector, count: header.tableCount * 4),
            what: "the grain directory")
        let grains = VMDKCompressedGrains(storage, grainSize: header.grainSize)
        var seen: Set<UInt32> = []
        for number in 0..<header.tableCount {
            let table = try await directory.little32(number)
            guard table > 0 else { continue }
            let place = header.directory * VMDKLayout.sector + number * 4
            guard seen.insert(table).inserted else {
                findings.error(at: place, "table \(number) at sector \(table) is another one's too")
                continue
            }
            guard UInt64(table) * VMDKLayout.sector + VMDKLayout.tableSize <= storage.size else {
                findings.error(at: place, "table \(number) at sector \(table) ends behind the file's end")
                continue
            }
            try await lookAtTable(number, table, header, grains)
        }
    }

    private func lookAtMarkers(_ header: VMDKHeader) async throws(EngineError) {
        guard hasFooter else {
            return findings.error(
                at: 56, "the tables stand before the grains, without markers: 7-Zip and importers of streams refuse it")
        }
        let entries = VMDKLayout.sectors(header.tableCount * 4)
        try await expect(.grainDirectory, of: entries, before: header.directory)
        try await expect(.footer, of: 1, before: storage.size / VMDKLayout.sector - 2)
        let end = try await storage.fields(
            at: storage.size - VMDKLayout.sector, count: Int(VMDKLayout.sector), what: "the end of the stream")
        if end.bytes.contains(where: { $0 != 0 }) {
            findings.error(
                at: storage.size - VMDKLayout.sector, "the last sector is no marker for the end of the stream")
        }
    }

    /// Looks at the marker in the sector before something.
    private func expect(
        _ kind: VMDKMarker.Kind, of sectors: UInt64, before sector: UInt64
    ) async throws(EngineError) {
        guard sector > 0 else { return }
        let place = (sector - 1) * VMDKLayout.sector
        let marker = VMDKMarker(
            try await storage.fields(at: place, count: Int(VMDKLayout.sector), what: "a marker"))
        if marker.kind != kind || marker.value != sectors {
            findings.error(at: place, "there should be a marker for the \(kind.words), but there is none")
        }
    }

    private func lookAtTable(
        _ number: UInt64, _ table: UInt32, _ header: VMDKHeader, _ grains: VMDKCompressedGrains
    ) async throws(EngineError) {
        if hasFooter {
            try await expect(.grainTable, of: VMDKLayout.sectors(VMDKLayout.tableSize), before: UInt64(table))
        }
        let start = UInt64(table) * VMDKLayout.sector
        let fields = try await storage.fields(at: start, count: Int(VMDKLayout.tableSize), what: "a grain table")
        for index in 0..<VMDKLayout.tableEntries {
            let entry: UInt32 = fields.little(Int(index) * 4)
            guard entry > 0 else { continue }
            let grain = number * VMDKLayout.tableEntries + index
            if entry == VMDKGrainTables.zeroedEntry, header.flags.contains(.zeroedGrains) { continue }
            guard grain < header.grainCount else {
                findings.warning(at: start + index * 4, "grain \(grain) lies behind the disk's end")
                continue
            }
            await look(at: grain, entry, entryAt: start + index * 4, header, grains)
        }
    }

    private func look(
        at grain: UInt64, _ entry: UInt32, entryAt place: UInt64, _ header: VMDKHeader, _ grains: VMDKCompressedGrains
    ) async {
        do throws(EngineError) {
            let sector = grain * header.grainSectors
            let count = try await grains.grain(at: UInt64(entry) * VMDKLayout.sector, sector).count
            guard UInt64(count) < header.grainSize else { return }
            let needed = min(header.grainSize, header.size - sector * VMDKLayout.sector)
            if UInt64(count) < needed {
                findings.error(at: place, "grain \(grain) becomes \(count) bytes; there should be \(needed)")
            } else {
                findings.warning(
                    at: place, "grain \(grain), the last one, is not filled with zeros: 7-Zip takes it for damaged")
            }
        } catch {
            findings.failure(error, at: place)
        }
    }
}

extension VMDKMarker.Kind {
    fileprivate var words: String {
        switch self {
        case .endOfStream: "end of the stream"
        case .grainTable: "grain table"
        case .grainDirectory: "grain directory"
        case .footer: "footer"
        case .progress: "progress"
        }
    }
}

extension BlockPlace {
    fileprivate func isStored(at offset: UInt64) -> Bool {
        if case .stored(offset) = self { true } else { false }
    }
}
