/// Reads FAT12, FAT16 and FAT32 with long names, as on EFI system partitions.
struct FATFileSystem: GuestFileSystem {
    private let volume: GuestVolume
    private let layout: FATLayout

    /// A reference is the place of a folder's entry on the volume; none is at 0.
    let root: UInt64 = 0
    let isCaseSensitive = false
    let needsRecovery = false

    private static let folderLimit = 65536 * 32

    static func open(_ volume: GuestVolume) async throws(EngineError) -> FATFileSystem {
        let sector = try await volume.fields(at: 0, count: 512)
        return FATFileSystem(volume: volume, layout: try FATLayout(sector, what: volume.name))
    }

    func node(_ reference: UInt64) async throws(EngineError) -> GuestNode {
        guard reference > 0 else { return GuestNode(reference: 0, kind: .folder, size: 0) }
        let record = FATRecord(try await volume.fields(at: reference, count: FATRecord.count))
        return GuestNode(reference: reference, kind: record.isFolder ? .folder : .file, size: record.size)
    }

    func entries(of folder: GuestNode) async throws(EngineError) -> [GuestEntry] {
        let pieces = try await pieces(of: folder)
        var names = FATNames()
        var found: [GuestEntry] = []
        for piece in pieces {
            let bytes = try await volume.bytes(at: piece.start, count: Int(piece.count))
            for offset in stride(from: 0, to: bytes.count - bytes.count % FATRecord.count, by: FATRecord.count) {
                let record = FATRecord(ImageFields(Array(bytes[offset..<(offset + FATRecord.count)])))
                if record.isEnd { return found }
                guard let name = names.take(record), name != ".", name != ".." else { continue }
                found.append(GuestEntry(name: name, reference: piece.start + UInt64(offset)))
            }
        }
        return found
    }

    func content(of node: GuestNode) async throws(EngineError) -> GuestFile {
        guard node.reference > 0 else { return GuestFile([]) }
        let record = FATRecord(try await volume.fields(at: node.reference, count: FATRecord.count))
        let size = record.isFolder ? UInt64(Self.folderLimit) : record.size
        let chain = try await chain(from: record.cluster(layout.width), limit: size)
        var runs: [GuestFile.Run] = []
        var position: UInt64 = 0
        for piece in chain {
            runs.append(GuestFile.Run(start: position, count: piece.count, place: piece.start))
            position += piece.count
        }
        return try GuestFile(size: min(size, position), runs, on: volume)
    }

    /// Where the records of a folder stand.
    private func pieces(of folder: GuestNode) async throws(EngineError) -> [ByteRange] {
        if folder.reference == 0, layout.width != .thirtyTwo { return [layout.rootRange] }
        var first = layout.rootCluster
        if folder.reference > 0 {
            let record = FATRecord(try await volume.fields(at: folder.reference, count: FATRecord.count))
            guard record.isFolder else { return [] }
            first = record.cluster(layout.width)
        }
        return try await chain(from: first, limit: UInt64(Self.folderLimit))
    }

    /// Clusters that follow each other, those side by side as one; it ends at `limit` bytes, whatever the table says.
    private func chain(from first: UInt64, limit: UInt64) async throws(EngineError) -> [ByteRange] {
        var pieces: [ByteRange] = []
        var cluster = first
        var count: UInt64 = 0
        while count < limit, layout.isCluster(cluster) {
            let range = ByteRange(start: layout.place(ofCluster: cluster), count: UInt64(layout.clusterSize))
            guard range.end <= volume.size else {
                throw EngineError(.corrupt, "\(volume.name): a cluster lies behind the end")
            }
            if let last = pieces.last, last.end == range.start {
                pieces[pieces.count - 1] = ByteRange(last.start, range.end)
            } else {
                pieces.append(range)
            }
            count += range.count
            cluster = try await next(after: cluster)
        }
        return pieces
    }

    private func next(after cluster: UInt64) async throws(EngineError) -> UInt64 {
        switch layout.width {
        case .twelve:
            let pair = try await volume.fields(at: layout.tableStart + cluster + cluster / 2, count: 2)
            let value = UInt64(pair.little(0, as: UInt16.self))
            return cluster.isMultiple(of: 2) ? value & 0xFFF : value >> 4
        case .sixteen:
            let entry = try await volume.fields(at: layout.tableStart + cluster * 2, count: 2)
            return UInt64(entry.little(0, as: UInt16.self))
        case .thirtyTwo:
            let entry = try await volume.fields(at: layout.tableStart + cluster * 4, count: 4)
            return UInt64(entry.little(0, as: UInt32.self) & 0x0FFF_FFFF)
        }
    }
}
