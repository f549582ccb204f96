/// Reads NTFS as it lies: files that are neither compressed nor encrypted, and folders. `$LogFile` is not replayed.
struct NTFSFileSystem: GuestFileSystem {
    private let volume: GuestVolume
    private let layout: NTFSLayout
    private let table: GuestFile
    let needsRecovery: Bool

    let root: UInt64 = 5
    let isCaseSensitive = false

    private static let folderLimit: UInt64 = 16 << 20
    private static let mostParts = 512

    static func open(_ volume: GuestVolume) async throws(EngineError) -> NTFSFileSystem {
        let layout = try NTFSLayout(try await volume.fields(at: 0, count: 512), what: volume.name)
        let place = try volume.place(ofBlock: layout.tableCluster, size: layout.clusterSize)
        let first = try NTFSRecord(
            try await volume.bytes(at: place, count: layout.recordSize), what: volume.name)
        guard let data = first.first(NTFSRecord.Attribute.data) else {
            throw EngineError(.corrupt, "\(volume.name): the master file table of NTFS is damaged")
        }
        // Enough of the table to find the records that tell of the rest of it.
        let begin = try Self.file([data], layout, volume)
        let early = NTFSFileSystem(volume: volume, layout: layout, table: begin, needsRecovery: false)
        let parts = try await early.parts(of: first, NTFSRecord.Attribute.data, "")
        let table = try Self.file(parts, layout, volume)
        let whole = NTFSFileSystem(volume: volume, layout: layout, table: table, needsRecovery: false)
        let facts = try await whole.record(3).first(NTFSRecord.Attribute.volume)?.content ?? []
        let isDirty = ImageFields(facts).little(10, as: UInt16.self) & 1 != 0
        return NTFSFileSystem(volume: volume, layout: layout, table: table, needsRecovery: isDirty)
    }

    func node(_ reference: UInt64) async throws(EngineError) -> GuestNode {
        let record = try await record(reference)
        let size = record.isFolder ? 0 : record.first(NTFSRecord.Attribute.data)?.size ?? 0
        return GuestNode(
            reference: reference, kind: !record.isInUse ? .other : record.isFolder ? .folder : .file, size: size)
    }

    func entries(of folder: GuestNode) async throws(EngineError) -> [GuestEntry] {
        let record = try await record(folder.reference)
        guard record.isFolder else { return [] }
        var found: [GuestEntry] = []
        var size = 4096
        for part in try await parts(of: record, NTFSRecord.Attribute.indexRoot, "$I30") {
            found += NTFSFolder.entries(root: part.content)
            let told = Int(clamping: ImageFields(part.content).little(8, as: UInt32.self))
            if (512...65536).contains(told), told & (told - 1) == 0 { size = told }
        }
        let blocks = try await parts(of: record, NTFSRecord.Attribute.indexAllocation, "$I30")
        guard !blocks.isEmpty else { return found }
        let file = try Self.file(blocks, layout, volume)
        var position: UInt64 = 0
        while position < min(file.size, Self.folderLimit) {
            let block = try await file.bytes(at: position, count: size)
            // Blocks that are not in use need not be whole.
            if let mended = try? NTFSFixup.mended(block, magic: "INDX", what: volume.name) {
                found += NTFSFolder.entries(block: mended)
            }
            position += UInt64(size)
        }
        return found
    }

    func content(of node: GuestNode) async throws(EngineError) -> GuestFile {
        let record = try await record(node.reference)
        let parts = try await parts(of: record, NTFSRecord.Attribute.data, "")
        guard record.isInUse, !parts.isEmpty else { return GuestFile([]) }
        guard !parts.contains(where: \.isPacked) else {
            throw EngineError(.unsupported, "\(volume.name): the file is compressed or encrypted by NTFS")
        }
        return try Self.file(parts, layout, volume)
    }

    private func record(_ number: UInt64) async throws(EngineError) -> NTFSRecord {
        let (place, overflow) = number.multipliedReportingOverflow(by: UInt64(layout.recordSize))
        guard !overflow, place < table.size else {
            throw EngineError(.corrupt, "\(volume.name): there is no file \(number)")
        }
        let bytes = try await table.bytes(at: place, count: layout.recordSize)
        guard bytes.count == layout.recordSize else {
            throw EngineError(.corrupt, "\(volume.name): the master file table of NTFS is cut off")
        }
        return try NTFSRecord(bytes, what: volume.name)
    }

    /// The parts of an attribute, some of which may stand in other records.
    private func parts(
        of record: NTFSRecord, _ type: UInt32, _ name: String
    ) async throws(EngineError) -> [NTFSRecord.Attribute] {
        var parts = record.attributes.filter { $0.type == type && $0.name == name }
        guard let list = record.first(NTFSRecord.Attribute.list) else { return parts }
        let text = list.isResident ? list.content : try await Self.file([list], layout, volume).bytes(limit: 1 << 20)
        let fields = ImageFields(text)
        var visited: Set<UInt64> = []
        var place = 0
        while place + 26 <= text.count, visited.count < Self.mostParts {
            let length = Int(fields.little(place + 4, as: UInt16.self))
            guard length >= 26 else { break }
            let other = fields.little(place + 16, as: UInt64.self) & 0xFFFF_FFFF_FFFF
            if fields.little(place, as: UInt32.self) == type, visited.insert(other).inserted {
                let found = try? await self.record(other)
                parts += (found?.attributes ?? []).filter { candidate in
                    candidate.type == type && candidate.name == name
                        && !parts.contains { $0.firstCluster == candidate.firstCluster }
                }
            }
            place += length
        }
        return parts.sorted { $0.firstCluster < $1.firstCluster }
    }

    private static func file(
        _ parts: [NTFSRecord.Attribute], _ layout: NTFSLayout, _ volume: GuestVolume
    ) throws(EngineError) -> GuestFile {
        guard let first = parts.first else { return GuestFile([]) }
        if first.isResident { return GuestFile(first.content) }
        guard first.size <= GuestFile.limit else {
            throw EngineError(.unsupported, "\(volume.name): a file of \(ByteCount(first.size)) is not looked into")
        }
        var runs: [GuestFile.Run] = []
        let unit = UInt64(layout.clusterSize)
        for part in parts where !part.isResident {
            guard part.firstCluster < 1 << 48 else { throw EngineError(.corrupt, "\(volume.name): a file is damaged") }
            var position = part.firstCluster * unit
            for run in try part.runs(what: volume.name) {
                let (count, overflow) = run.count.multipliedReportingOverflow(by: unit)
                guard !overflow, count <= GuestFile.limit * 2, position <= GuestFile.limit * 2 else {
                    throw EngineError(.corrupt, "\(volume.name): a file is damaged")
                }
                let place: UInt64?
                if let cluster = run.cluster {
                    place = try volume.place(ofBlock: cluster, size: layout.clusterSize)
                } else {
                    place = nil
                }
                runs.append(GuestFile.Run(start: position, count: count, place: place))
                position += count
            }
        }
        return try GuestFile(size: first.size, runs, on: volume)
    }
}
