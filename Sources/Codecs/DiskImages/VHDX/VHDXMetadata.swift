import Engine

/// What the metadata says of the disk.
struct VHDXMetadata: Sendable, Equatable {
    var blockSize: UInt64
    /// All blocks are there, and stay.
    var isFixed: Bool
    var hasParent: Bool
    /// Bytes.
    var size: UInt64
    var id: ImageID
    /// Bytes: 512 or 4096.
    var logicalSector: UInt64
    /// Bytes; nil in a file that does not say.
    var physicalSector: UInt64?
    /// Where the parent is, and how it is known: only in differencing disks.
    var parent: [String: String] = [:]

    /// Reads and checks the items of a metadata region.
    /// - Throws: `.corrupt`, `.unsupported`.
    static func load(_ storage: any ImageStorage, _ region: ByteRange) async throws(EngineError) -> VHDXMetadata {
        let table = try VHDXMetadataTable(
            await storage.fields(
                at: region.start, count: VHDXLayout.metadataTableSize, what: "the metadata table"), region: region)
        try table.checkKnown()
        let items = VHDXItems(storage: storage, region: region, table: table)
        let parameters = try await items.needed(VHDXLayout.fileParameters, length: 8)
        let flags: UInt32 = parameters.little(4)
        let sector: UInt32 = try await items.needed(VHDXLayout.logicalSector, length: 4).little(0)
        var metadata = VHDXMetadata(
            blockSize: UInt64(parameters.little(0, as: UInt32.self)), isFixed: flags & 1 != 0,
            hasParent: flags & 2 != 0, size: try await items.needed(VHDXLayout.diskSize, length: 8).little(0),
            id: ImageID(microsoft: try await items.needed(VHDXLayout.diskID, length: 16).slice(0, 16)),
            logicalSector: UInt64(sector),
            physicalSector: try await items.optional(VHDXLayout.physicalSector, length: 4).map {
                UInt64($0.little(0, as: UInt32.self))
            })
        try metadata.check()
        if metadata.hasParent { metadata.parent = try await items.parentLocator() }
        return metadata
    }

    private func check() throws(EngineError) {
        guard VHDXLayout.blockSizes.contains(blockSize), blockSize & (blockSize - 1) == 0 else {
            throw EngineError(.corrupt, "blocks of \(blockSize) bytes cannot be")
        }
        guard [512, 4096].contains(logicalSector) else {
            throw EngineError(.corrupt, "logical sectors of \(logicalSector) bytes cannot be")
        }
        guard size <= VHDXLayout.mostBytes, size % logicalSector == 0 else {
            throw EngineError(.corrupt, "a size of \(size) bytes cannot be")
        }
    }

    /// Blocks of the disk.
    var blockCount: UInt64 { (size + blockSize - 1) / blockSize }

    var chunkRatio: UInt64 { VHDXLayout.chunkRatio(blockSize: blockSize, sectorSize: logicalSector) }

    /// Entries of the block table: those of sector bitmaps stand between those of blocks.
    var tableEntries: UInt64 {
        guard blockCount > 0 else { return 0 }
        if hasParent { return (blockCount + chunkRatio - 1) / chunkRatio * (chunkRatio + 1) }
        return blockCount + (blockCount - 1) / chunkRatio
    }

    /// The items of a new file, in order, with their flags.
    var items: [(id: ImageID, flags: UInt32, bytes: [UInt8])] {
        var parameters = ImageFields(count: 8)
        parameters.setLittle(UInt32(blockSize), at: 0)
        parameters.setLittle(UInt32(isFixed ? 1 : 0), at: 4)
        func word(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: UInt32(value).littleEndian) { Array($0) } }
        return [
            (VHDXLayout.fileParameters, 4, parameters.bytes),
            (VHDXLayout.diskSize, 6, withUnsafeBytes(of: size.littleEndian) { Array($0) }),
            (VHDXLayout.diskID, 6, id.microsoft),
            (VHDXLayout.logicalSector, 6, word(logicalSector)),
            (VHDXLayout.physicalSector, 6, word(physicalSector ?? 4096)),
        ]
    }

    /// The table and the items, as a new file has them at the beginning of the region.
    var region: [UInt8] {
        let items = items
        var fields = ImageFields(count: VHDXLayout.metadataTableSize + items.reduce(0) { $0 + $1.bytes.count })
        fields.set("metadata", at: 0)
        fields.setLittle(UInt16(items.count), at: 10)
        var offset = VHDXLayout.metadataTableSize
        for (index, item) in items.enumerated() {
            let place = 32 + 32 * index
            fields.set(item.id.microsoft, at: place)
            fields.setLittle(UInt32(offset), at: place + 16)
            fields.setLittle(UInt32(item.bytes.count), at: place + 20)
            fields.setLittle(item.flags, at: place + 24)
            fields.set(item.bytes, at: offset)
            offset += item.bytes.count
        }
        return fields.bytes
    }
}
