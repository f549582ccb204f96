import Engine

/// The file of a VMDK that one is given: a descriptor, or a sparse extent that has one within.
struct VMDKFile: Sendable {
    let storage: any ImageStorage
    /// nil for a part of a split disk.
    let descriptor: VMDKDescriptor?
    /// What counts of the header and the footer; nil for a descriptor of its own.
    let header: VMDKHeader?
    let remarks: [String]

    /// - Throws: `.corrupt`, `.unsupported`.
    static func load(_ storage: any ImageStorage) async throws(EngineError) -> VMDKFile {
        do throws(EngineError) {
            let start = try await storage.fields(
                at: 0, count: Int(min(storage.size, UInt64(VMDKLayout.headerSize))), what: "the header")
            if start.has(VMDKLayout.sparseMagic, at: 0) { return try await loadSparse(storage, start) }
            if start.has(VMDKLayout.cowdMagic, at: 0) || SESparseHeader.isOne(start) {
                throw EngineError(
                    .unsupported, "this is the data of a snapshot, which its descriptor tells the rest of: open that")
            }
            guard VMDKDescriptor.recognizes(start.bytes) else {
                throw EngineError(.corrupt, "there is neither a signature `KDMV` nor a descriptor")
            }
            guard storage.size <= VMDKLayout.mostDescriptorBytes else {
                throw EngineError(.corrupt, "a descriptor of \(storage.size) bytes is too large")
            }
            let fields = try await storage.fields(at: 0, count: Int(storage.size), what: "the descriptor")
            let descriptor = try VMDKDescriptor(fields.bytes)
            try descriptor.checkSupported()
            return VMDKFile(storage: storage, descriptor: descriptor, header: nil, remarks: [])
        } catch {
            throw error.at(storage.name)
        }
    }

    private static func loadSparse(
        _ storage: any ImageStorage, _ start: ImageFields
    ) async throws(EngineError) -> VMDKFile {
        let header = try await header(of: storage, start)
        var remarks: [String] = []
        if header.isUnclean { remarks.append("the disk was not closed: what was written last may be missing") }
        if header.flags.contains(.newlineTest), start.slice(VMDKHeader.newlineField, 4) != VMDKHeader.newlines {
            remarks.append("the file was changed as if it were text: its data may be damaged")
        }
        guard header.descriptorOffset > 0, header.descriptorSectors > 0 else {
            try header.checkHoldsGrains("the header")
            remarks.append("there is no descriptor: this may be one part of a disk")
            return VMDKFile(storage: storage, descriptor: nil, header: header, remarks: remarks)
        }
        let descriptor = try VMDKDescriptor(try await descriptorBytes(in: storage, header))
        try descriptor.checkSupported()
        // Without sectors of its own, a file is nothing but its descriptor.
        guard header.capacity > 0 else {
            return VMDKFile(storage: storage, descriptor: descriptor, header: nil, remarks: remarks)
        }
        guard descriptor.extents.count <= 1 else {
            throw EngineError(
                .unsupported, "the descriptor within names \(descriptor.extents.count) extents, which is not supported")
        }
        if let line = descriptor.extents.first, line.sectors != header.capacity {
            remarks.append(
                "the descriptor names \(line.sectors) sectors, the header \(header.capacity): the header counts")
        }
        return VMDKFile(storage: storage, descriptor: descriptor, header: header, remarks: remarks)
    }

    /// The descriptor within a sparse extent.
    static func descriptorBytes(
        in storage: any ImageStorage, _ header: VMDKHeader
    ) async throws(EngineError) -> [UInt8] {
        let most = VMDKLayout.mostDescriptorBytes / VMDKLayout.sector
        guard header.descriptorSectors <= most, header.descriptorOffset <= storage.size / VMDKLayout.sector else {
            throw EngineError(
                .corrupt,
                "a descriptor of \(header.descriptorSectors) sectors at sector \(header.descriptorOffset) is not there")
        }
        return try await storage.fields(
            at: header.descriptorOffset * VMDKLayout.sector, count: Int(header.descriptorSectors * VMDKLayout.sector),
            what: "the descriptor"
        ).bytes
    }

    /// The header of a sparse extent, or the footer where that one counts.
    static func header(of storage: any ImageStorage, _ start: ImageFields) async throws(EngineError) -> VMDKHeader {
        let header = try VMDKHeader(start, what: "the header")
        guard header.directory == VMDKLayout.directoryInFooter else { return header }
        guard storage.size >= 4 * VMDKLayout.sector else {
            throw EngineError(.corrupt, "the file ends at \(storage.size), without a footer: it is cut off")
        }
        let fields = try await storage.fields(
            at: storage.size - 2 * VMDKLayout.sector, count: VMDKLayout.headerSize, what: "the footer")
        let footer: VMDKHeader
        do throws(EngineError) {
            footer = try VMDKHeader(fields, what: "the footer")
        } catch {
            guard error.kind == .corrupt else { throw error }
            throw EngineError(.corrupt, "\(error.message): the file is cut off, or something stands behind its end")
        }
        guard footer.capacity == header.capacity, footer.grainSectors == header.grainSectors,
            footer.compression == header.compression, footer.directory != VMDKLayout.directoryInFooter
        else { throw EngineError(.corrupt, "the footer does not fit the header") }
        var whole = footer
        (whole.descriptorOffset, whole.descriptorSectors) = (header.descriptorOffset, header.descriptorSectors)
        return whole
    }

    /// Bytes of the disk.
    var size: UInt64 {
        header?.size ?? descriptor?.size ?? 0
    }
}
