import Engine

/// The table of metadata items: which there are, and where.
struct VHDXMetadataTable: Sendable, Equatable {
    struct Item: Sendable, Equatable {
        let id: ImageID
        /// From the region's beginning.
        let offset: UInt32
        let length: UInt32
        let flags: UInt32

        var isRequired: Bool { flags & 4 != 0 }
    }

    let items: [Item]

    private static let signature = "metadata"
    private static let entrySize = 32
    private static let most = 2047
    /// Bytes of an item at most.
    private static let longestItem: UInt32 = 1 << 20

    /// - Throws: `.corrupt` saying what is wrong.
    init(_ fields: ImageFields, region: ByteRange) throws(EngineError) {
        guard fields.has(Self.signature, at: 0) else {
            throw EngineError(.corrupt, "the metadata table has no signature `metadata`")
        }
        let count: UInt16 = fields.little(10)
        guard count <= Self.most else { throw EngineError(.corrupt, "the metadata table has \(count) entries") }
        var items: [Item] = []
        for index in 0..<Int(count) {
            let place = 32 + Self.entrySize * index
            let item = Item(
                id: ImageID(microsoft: fields.slice(place, 16)), offset: fields.little(place + 16),
                length: fields.little(place + 20), flags: fields.little(place + 24))
            let isInside =
                item.length == 0
                || (item.offset >= UInt32(VHDXLayout.metadataTableSize) && item.length <= Self.longestItem
                    && UInt64(item.offset) + UInt64(item.length) <= region.count)
            guard isInside else {
                throw EngineError(
                    .corrupt, "the item \(VHDXLayout.name(of: item.id)) does not lie within the metadata")
            }
            items.append(item)
        }
        self.items = items
    }

    /// The item, of at least `length` bytes; nil when there is none.
    /// - Throws: `.corrupt` for a shorter one.
    func item(_ id: ImageID, length: UInt32) throws(EngineError) -> Item? {
        guard let item = items.first(where: { $0.id == id }) else { return nil }
        guard item.length >= length else {
            throw EngineError(.corrupt, "the item \(VHDXLayout.name(of: id)) has only \(item.length) bytes")
        }
        return item
    }

    /// - Throws: `.unsupported` for an item that one must know.
    func checkKnown() throws(EngineError) {
        let known = [
            VHDXLayout.fileParameters, VHDXLayout.diskSize, VHDXLayout.diskID, VHDXLayout.logicalSector,
            VHDXLayout.physicalSector, VHDXLayout.parentLocator,
        ]
        for item in items where item.isRequired && !known.contains(item.id) {
            throw EngineError(.unsupported, "the item \(item.id), which must be understood, is not supported")
        }
    }
}
