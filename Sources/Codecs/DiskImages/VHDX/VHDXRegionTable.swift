import Engine

/// Where the block table and the metadata are.
struct VHDXRegionTable: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        let id: ImageID
        let range: ByteRange
        let isRequired: Bool
    }

    let entries: [Entry]

    private static let checksumField = 4
    private static let signature = "regi"
    private static let entrySize = 32
    private static let most = 2047

    /// - Throws: `.corrupt` saying what is wrong.
    init(_ fields: ImageFields, what: String) throws(EngineError) {
        guard fields.has(Self.signature, at: 0) else { throw EngineError(.corrupt, "\(what) has no signature `regi`") }
        guard fields.little(Self.checksumField) == CRC32C.of(fields.bytes, fieldAt: Self.checksumField) else {
            throw EngineError(.corrupt, "\(what) has a wrong checksum")
        }
        let count: UInt32 = fields.little(8)
        guard count <= Self.most else { throw EngineError(.corrupt, "\(what) has \(count) entries") }
        var entries: [Entry] = []
        for index in 0..<Int(count) {
            let place = 16 + Self.entrySize * index
            let start: UInt64 = fields.little(place + 16)
            let length: UInt32 = fields.little(place + 24)
            guard start <= .max - UInt64(length) else { throw EngineError(.corrupt, "\(what): no region at \(start)") }
            entries.append(
                Entry(
                    id: ImageID(microsoft: fields.slice(place, 16)),
                    range: ByteRange(start: start, count: UInt64(length)),
                    isRequired: fields.little(place + 28, as: UInt32.self) & 1 == 1))
        }
        self.entries = entries
    }

    /// A new one.
    init(table: ByteRange) {
        entries = [
            Entry(id: VHDXLayout.tableRegion, range: table, isRequired: true),
            Entry(id: VHDXLayout.metadataRegion, range: VHDXLayout.metadata, isRequired: true),
        ]
    }

    /// The range of a region that must be there.
    /// - Throws: `.corrupt` when it is not.
    func region(_ id: ImageID) throws(EngineError) -> ByteRange {
        guard let entry = entries.first(where: { $0.id == id }) else {
            throw EngineError(.corrupt, "the region table does not say where the \(VHDXLayout.name(of: id)) is")
        }
        return entry.range
    }

    /// - Throws: `.unsupported` for a region that one must know.
    func checkKnown() throws(EngineError) {
        for entry in entries
        where entry.isRequired && ![VHDXLayout.tableRegion, VHDXLayout.metadataRegion].contains(entry.id) {
            throw EngineError(.unsupported, "the region \(entry.id), which must be understood, is not supported")
        }
    }

    /// The 64 KiB.
    var bytes: [UInt8] {
        var fields = ImageFields(count: VHDXLayout.regionTableSize)
        fields.set(Self.signature, at: 0)
        fields.setLittle(UInt32(entries.count), at: 8)
        for (index, entry) in entries.enumerated() {
            let place = 16 + Self.entrySize * index
            fields.set(entry.id.microsoft, at: place)
            fields.setLittle(entry.range.start, at: place + 16)
            fields.setLittle(UInt32(entry.range.count), at: place + 24)
            fields.setLittle(UInt32(entry.isRequired ? 1 : 0), at: place + 28)
        }
        fields.setLittle(CRC32C.of(fields.bytes, fieldAt: Self.checksumField), at: Self.checksumField)
        return fields.bytes
    }
}
