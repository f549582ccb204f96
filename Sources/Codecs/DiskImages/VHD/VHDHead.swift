import Engine

/// The footer and, unless it is fixed, the header of a VHD: what is needed to find its blocks.
struct VHDHead: Sendable {
    let footer: VHDFooter
    /// Nil for a fixed disk.
    let header: VHDDynamicHeader?
    /// Bytes of the disk.
    let size: UInt64
    let remarks: [String]

    /// - Throws: `.corrupt`, `.unsupported`.
    static func load(_ storage: any ImageStorage) async throws(EngineError) -> VHDHead {
        do throws(EngineError) {
            let (footer, remark) = try await footer(of: storage)
            if footer.kind == .fixed {
                let (size, note) = try fixedSize(footer, storage)
                return VHDHead(footer: footer, header: nil, size: size, remarks: [remark, note].compactMap { $0 })
            }
            let fields = try await storage.fields(
                at: footer.dataOffset, count: VHDLayout.headerSize, what: "the dynamic header")
            let header = try VHDDynamicHeader(fields, what: "the dynamic header")
            let blocks = (footer.currentSize + header.blockSize - 1) / header.blockSize
            guard blocks <= UInt64(header.tableEntries) else {
                throw EngineError(
                    .corrupt, "\(header.tableEntries) table entries are too few for \(blocks) blocks")
            }
            return VHDHead(
                footer: footer, header: header, size: footer.currentSize, remarks: [remark].compactMap { $0 })
        } catch {
            throw error.at(storage.name)
        }
    }

    /// The footer at the end; where that is bad, the copy that dynamic disks have at the beginning.
    private static func footer(of storage: any ImageStorage) async throws(EngineError) -> (VHDFooter, String?) {
        let failure: EngineError
        do throws(EngineError) {
            return (try await trailing(storage), nil)
        } catch {
            failure = error
        }
        guard failure.kind == .corrupt, storage.size >= UInt64(VHDFooter.size) else { throw failure }
        let fields = try await storage.fields(at: 0, count: VHDFooter.size, what: "the copy of the footer")
        guard let copy = try? VHDFooter(fields, what: "the copy"), copy.kind != .fixed else { throw failure }
        return (copy, "the footer at the end is damaged: its copy at the beginning is used")
    }

    private static func trailing(_ storage: any ImageStorage) async throws(EngineError) -> VHDFooter {
        guard storage.size >= UInt64(VHDFooter.size) else {
            throw EngineError(.corrupt, "\(storage.size) bytes are too few for a VHD")
        }
        let fields = try await storage.fields(
            at: storage.size - UInt64(VHDFooter.size), count: VHDFooter.size, what: "the footer")
        // Footers were one byte shorter before Virtual PC 2004.
        let short = ImageFields(Array(fields.bytes.dropFirst()) + [0])
        if !VHDFooter.hasCookie(fields), VHDFooter.hasCookie(short) { return try VHDFooter(short, what: "the footer") }
        return try VHDFooter(fields, what: "the footer")
    }

    /// The size is the footer's. Makers that rounded it to the geometry may have left the file as short as that.
    private static func fixedSize(
        _ footer: VHDFooter, _ storage: any ImageStorage
    ) throws(EngineError) -> (UInt64, String?) {
        let room = storage.size - min(storage.size, UInt64(VHDFooter.size) - 1)
        if footer.currentSize <= room { return (footer.currentSize, nil) }
        let rounded = footer.geometry.sectors * VHDLayout.sector
        if VHDFooter.roundingCreators.contains(footer.creator), rounded < footer.currentSize, rounded <= room {
            return (rounded, "the file holds the \(rounded) bytes of its geometry, not \(footer.currentSize)")
        }
        throw EngineError(
            .corrupt,
            "the disk has \(footer.currentSize) bytes, but the file holds only \(room): it is damaged or cut off")
    }
}
