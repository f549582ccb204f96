import Engine

/// Reads the items of a metadata region.
struct VHDXItems {
    let storage: any ImageStorage
    let region: ByteRange
    let table: VHDXMetadataTable

    /// The format knows six; their texts may overlap, and must not become more than the file is worth.
    private static let mostValues = 16

    /// - Throws: `.corrupt` when it is not there.
    func needed(_ id: ImageID, length: UInt32) async throws(EngineError) -> ImageFields {
        guard let fields = try await optional(id, length: length) else {
            throw EngineError(.corrupt, "the metadata has no item \(VHDXLayout.name(of: id))")
        }
        return fields
    }

    func optional(_ id: ImageID, length: UInt32) async throws(EngineError) -> ImageFields? {
        guard let item = try table.item(id, length: length) else { return nil }
        return try await storage.fields(
            at: region.start + UInt64(item.offset), count: Int(item.length), what: VHDXLayout.name(of: id))
    }

    /// The keys and values that say where the parent is.
    /// - Throws: `.unsupported` for a locator of another kind than that of VHDX files.
    func parentLocator() async throws(EngineError) -> [String: String] {
        let fields = try await needed(VHDXLayout.parentLocator, length: 20)
        let kind = ImageID(microsoft: fields.slice(0, 16))
        guard kind == VHDXLayout.parentLocatorKind else {
            throw EngineError(.unsupported, "a parent locator of the kind \(kind) is not supported")
        }
        let count = Int(fields.little(18, as: UInt16.self))
        guard count <= Self.mostValues else {
            throw EngineError(.corrupt, "the parent locator has \(count) values; it cannot have so many")
        }
        var values: [String: String] = [:]
        for index in 0..<count {
            let place = 20 + 12 * index
            let key = try text(fields, fields.little(place), fields.little(place + 8))
            values[key] = try text(fields, fields.little(place + 4), fields.little(place + 10))
        }
        return values
    }

    private func text(_ fields: ImageFields, _ offset: UInt32, _ length: UInt16) throws(EngineError) -> String {
        guard Int(offset) + Int(length) <= fields.bytes.count else {
            throw EngineError(.corrupt, "the parent locator's text lies outside of it")
        }
        return UTF16Text.read(fields.slice(Int(offset), Int(length)), isBigEndian: false)
    }
}
