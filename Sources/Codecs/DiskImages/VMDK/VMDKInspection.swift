import Engine

/// Looks at every structure of a VMDK, and names what is not as the specification or known readers demand. Compressed
/// grains are inflated: that is the only way to know them whole.
final class VMDKInspection {
    private let storage: any ImageStorage
    private let findings = VMDKFindings()

    init(_ storage: any ImageStorage) { self.storage = storage }

    func run() async throws(EngineError) -> ImageCheck {
        do throws(EngineError) {
            let start = try await storage.fields(
                at: 0, count: Int(min(storage.size, UInt64(VMDKLayout.headerSize))), what: "the header")
            if start.has(VMDKLayout.sparseMagic, at: 0) {
                try await lookAtSparse(start)
            } else {
                try await lookAtDescriptorFile(try await VMDKFile.load(storage))
            }
        } catch {
            findings.failure(error, at: 0)
        }
        findings.file = nil
        await lookAtOpening()
        return findings.check
    }

    // MARK: A sparse file with a descriptor

    private func lookAtSparse(_ start: ImageFields) async throws(EngineError) {
        let header = try VMDKHeader(start, what: "the header")
        try await lookAtDescriptor(in: header)
        guard header.capacity > 0 else { return try await lookAtDescriptorFile(try await VMDKFile.load(storage)) }
        try await lookAtExtent(storage, start, header)
    }

    private func lookAtDescriptor(in header: VMDKHeader) async throws(EngineError) {
        guard header.descriptorOffset > 0 else {
            return findings.warning(at: 28, "there is no descriptor: this may be one part of a disk")
        }
        let descriptor: VMDKDescriptor
        do throws(EngineError) {
            descriptor = try VMDKDescriptor(try await VMDKFile.descriptorBytes(in: storage, header))
            try descriptor.checkSupported()
        } catch {
            return findings.failure(error, at: 28)
        }
        let offset = header.descriptorOffset * VMDKLayout.sector
        VMDKDescriptorInspection(descriptor: descriptor, offset: offset, findings: findings).run()
        guard header.capacity > 0 else { return }
        if (descriptor.createType.lowercased() == "streamoptimized") != header.isStream {
            findings.warning(at: offset, "the descriptor says `\(descriptor.createType)`, but the header does not")
        }
        guard let line = descriptor.extents.first else { return }
        if line.sectors != header.capacity {
            findings.error(
                at: offset,
                "the descriptor names \(line.sectors) sectors, the header \(header.capacity): readers use one or the other"
            )
        }
        if let name = ParentPath.lastPart(storage.name), line.file != name {
            findings.warning(
                at: offset, "the descriptor names the file `\(line.file)`: old versions of libvmdk open that")
        }
    }

    /// Looks at everything but the descriptor.
    private func lookAtExtent(
        _ file: any ImageStorage, _ start: ImageFields, _ header: VMDKHeader
    ) async throws(EngineError) {
        VMDKHeaderInspection(storage: file, fields: start, header: header, findings: findings).run()
        guard header.isStream || header.directory == VMDKLayout.directoryInFooter else {
            return try await lookAtTables(file, header)
        }
        var whole: VMDKHeader?
        do throws(EngineError) {
            let found = try await VMDKFile.header(of: file, start)
            whole = found
            if header.directory == VMDKLayout.directoryInFooter { compare(header, found, file) }
        } catch {
            findings.failure(error, at: 56)
        }
        if header.isStream {
            try await VMDKStreamInspection(file, start: header, header: whole, findings).run()
        } else if let whole {
            try await lookAtTables(file, whole)
        }
    }

    private func compare(_ header: VMDKHeader, _ footer: VMDKHeader, _ file: any ImageStorage) {
        var expected = header
        expected.directory = footer.directory
        if expected != footer {
            findings.error(
                at: file.size - 2 * VMDKLayout.sector, "the footer and the header differ in more than the directory")
        }
    }

    private func lookAtTables(_ file: any ImageStorage, _ header: VMDKHeader) async throws(EngineError) {
        let shape = VMDKTableInspection.Shape(
            tableCount: header.tableCount, tableEntries: UInt64(header.tableEntries),
            grainSectors: header.grainSectors, capacity: header.capacity, directory: header.directory,
            redundantDirectory: header.flags.contains(.redundantTables) ? header.redundantDirectory : nil,
            overhead: header.overhead, hasZeroedGrains: header.flags.contains(.zeroedGrains))
        try await VMDKTableInspection(file, shape, findings).run()
    }

    // MARK: A descriptor with files of its own

    private func lookAtDescriptorFile(_ file: VMDKFile) async throws(EngineError) {
        guard let descriptor = file.descriptor else { return }
        if file.header == nil, try await !isSparse {
            VMDKDescriptorInspection(descriptor: descriptor, offset: 0, findings: findings).run()
            let bytes = try await storage.fields(at: 0, count: Int(storage.size), what: "the descriptor").bytes
            if let zero = bytes.firstIndex(of: 0) {
                findings.warning(at: UInt64(zero), "the descriptor is filled up with zeros, which are no text")
            }
        }
        for line in descriptor.extents where line.kind != .zero {
            findings.file = line.file
            do throws(EngineError) {
                try await look(at: line, try await storage.related(line.file))
            } catch {
                findings.failure(error, at: 0)
            }
        }
    }

    private var isSparse: Bool {
        get async throws(EngineError) {
            try await storage.fields(at: 0, count: 4, what: "the header").has(VMDKLayout.sparseMagic, at: 0)
        }
    }

    private func look(at line: VMDKExtentLine, _ file: any ImageStorage) async throws(EngineError) {
        guard !line.kind.isFlat else { return lookAtFlat(line, file) }
        let start = try await file.fields(
            at: 0, count: Int(min(file.size, UInt64(VMDKLayout.headerSize))), what: "an extent")
        if line.kind == .seSparse { return try lookAtSESparse(line, file, start) }
        if start.has(VMDKLayout.cowdMagic, at: 0) { return try await lookAtCOWD(line, file, start) }
        let header = try VMDKHeader(start, what: "the header")
        compare(header.capacity, line)
        try header.checkHoldsGrains("the header")
        try await lookAtExtent(file, start, header)
    }

    private func compare(_ sectors: UInt64, _ line: VMDKExtentLine) {
        if sectors != line.sectors {
            findings.error(at: 12, "the file has \(sectors) sectors of the disk, the descriptor names \(line.sectors)")
        }
    }

    private func lookAtFlat(_ line: VMDKExtentLine, _ file: any ImageStorage) {
        let end = ((line.offset ?? 0) + line.sectors) * VMDKLayout.sector
        if end > file.size {
            findings.error(at: file.size, "the file ends before \(end): it is cut off")
        } else if end < file.size, line.offset ?? 0 == 0 {
            findings.warning(at: end, "\(file.size - end) bytes belong to no disk")
        }
    }

    private func lookAtCOWD(
        _ line: VMDKExtentLine, _ file: any ImageStorage, _ start: ImageFields
    ) async throws(EngineError) {
        let header = try COWDHeader(start, what: "the header")
        compare(header.capacity, line)
        let shape = VMDKTableInspection.Shape(
            tableCount: header.tableCount, tableEntries: COWDHeader.tableEntries, grainSectors: header.grainSectors,
            capacity: header.capacity, directory: header.directory, redundantDirectory: nil,
            overhead: header.directory, hasZeroedGrains: false)
        try await VMDKTableInspection(file, shape, findings).run()
    }

    private func lookAtSESparse(
        _ line: VMDKExtentLine, _ file: any ImageStorage, _ start: ImageFields
    ) throws(EngineError) {
        let header = try SESparseHeader(start, what: "the header")
        compare(header.capacity, line)
        _ = try SESparseTables(file, header)
    }

    /// What keeps a reader from opening it that was not named yet: a parent that is not there.
    private func lookAtOpening() async {
        guard findings.check.errorCount == 0 else { return }
        do throws(EngineError) {
            _ = try await VMDKReader.open(storage)
        } catch {
            findings.failure(error, at: 0)
        }
    }
}
