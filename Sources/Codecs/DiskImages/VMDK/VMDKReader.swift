import Engine

/// Opens a VMDK, and the parents that it differs from.
enum VMDKReader {
    /// - Throws: `.corrupt`, `.unsupported`; `.notFound` and `.denied` for extents and parents.
    static func open(_ storage: any ImageStorage) async throws(EngineError) -> any DiskImage {
        let files = try await chain(from: storage)
        var disk: VMDKDisk?
        var parents: [String] = []
        for file in files.reversed() {
            disk = try await open(file, on: disk, parents: parents)
            parents.insert(file.storage.name, at: 0)
        }
        guard let disk else { throw EngineError(.bug, "a chain of no disks") }
        return disk
    }

    // MARK: Parents

    /// The disk and its parents, the base last.
    private static func chain(from storage: any ImageStorage) async throws(EngineError) -> [VMDKFile] {
        var files = [try await VMDKFile.load(storage)]
        while let child = files.last, let wanted = child.descriptor?.parentID {
            guard files.count < VMDKLayout.longestChain else {
                throw EngineError(.unsupported, "\(storage.name) has more than \(VMDKLayout.longestChain) parents")
            }
            let parent = try await VMDKFile.load(
                try await ParentPath.open(parentPaths(child.descriptor), from: child.storage))
            try check(parent, isParentOf: child, wanted)
            files.append(parent)
        }
        return files
    }

    private static func check(
        _ parent: VMDKFile, isParentOf child: VMDKFile, _ wanted: UInt32
    ) throws(EngineError) {
        guard let found = parent.descriptor?.contentID, found == wanted else {
            let content = parent.descriptor?.contentID.map(hex) ?? "without one"
            throw EngineError(
                .corrupt,
                "\(child.storage.name) is the difference to a disk with the content id \(hex(wanted)), but "
                    + "\(parent.storage.name) is \(content): it was changed, or is another disk")
        }
        guard parent.size <= child.size else {
            throw EngineError(
                .corrupt,
                "\(child.storage.name) has \(child.size) bytes, fewer than its parent \(parent.storage.name) with "
                    + "\(parent.size)")
        }
    }

    static func hex(_ id: UInt32) -> String { Hex.text((0..<4).map { UInt8(truncatingIfNeeded: id >> (24 - 8 * $0)) }) }

    /// Where the parent may be, the likeliest first.
    static func parentPaths(_ descriptor: VMDKDescriptor?) -> [String] {
        guard let hint = descriptor?.value("parentFileNameHint"), !hint.contains("\0") else { return [] }
        let whole = hint.hasPrefix("/") ? hint : ParentPath.relative(hint)
        return [whole, ParentPath.lastPart(hint)].compactMap { $0 }
    }

    // MARK: Extents

    private static func open(
        _ file: VMDKFile, on parent: VMDKDisk?, parents: [String]
    ) async throws(EngineError) -> VMDKDisk {
        do throws(EngineError) {
            let disks: [any BlockReader]
            if let header = file.header {
                disks = [try grains(in: file.storage, header, size: header.size, on: parent)]
            } else {
                disks = try await extents(of: file, on: parent)
            }
            return VMDKDisk(disk: JoinedDisk(disks), facts: VMDKFacts.make(file, parents: parents))
        } catch {
            throw error.context.first == file.storage.name ? error : error.at(file.storage.name)
        }
    }

    private static func extents(
        of file: VMDKFile, on parent: VMDKDisk?
    ) async throws(EngineError) -> [any BlockReader] {
        guard let lines = file.descriptor?.extents, !lines.isEmpty else {
            throw EngineError(.corrupt, "the descriptor names no extents")
        }
        var disks: [any BlockReader] = []
        var start: UInt64 = 0
        for line in lines {
            let range = ByteRange(start: start, count: line.sectors * VMDKLayout.sector)
            disks.append(try await extent(line, range, of: file, on: parent.map { DiskWindow($0, range) }))
            start = range.end
        }
        return disks
    }

    /// - Parameter range: the extent's part of the disk.
    private static func extent(
        _ line: VMDKExtentLine, _ range: ByteRange, of file: VMDKFile, on parent: (any BlockReader)?
    ) async throws(EngineError) -> any BlockReader {
        guard line.access != .none else {
            throw EngineError(.unsupported, "the extent `\(line.text)` may not be accessed")
        }
        guard line.kind != .zero else { return ZeroDisk(size: range.count) }
        let storage = try await file.storage.related(line.file)
        let start = try await storage.fields(
            at: 0, count: Int(min(storage.size, UInt64(VMDKLayout.headerSize))), what: "an extent")
        switch line.kind {
        case .flat, .vmfs:
            let offset = (line.offset ?? 0) * VMDKLayout.sector
            guard offset <= storage.size, range.count <= storage.size - offset else {
                throw EngineError(
                    .corrupt,
                    "\(storage.name) should have \(offset + range.count) bytes, but has \(storage.size): it is cut off")
            }
            return DiskWindow(storage, ByteRange(start: offset, count: range.count))
        case .seSparse: return try await seSparse(storage, start, size: range.count, on: parent)
        case .sparse, .vmfsSparse, .zero:
            if start.has(VMDKLayout.cowdMagic, at: 0) {
                return try cowd(storage, start, size: range.count, on: parent)
            }
            let header = try await named(storage) { () async throws(EngineError) in
                let header = try await VMDKFile.header(of: storage, start)
                try header.checkHoldsGrains("the header")
                return header
            }
            return try grains(in: storage, header, size: range.count, on: parent)
        }
    }

    private static func grains(
        in storage: any ImageStorage, _ header: VMDKHeader, size: UInt64, on parent: (any BlockReader)?
    ) throws(EngineError) -> any BlockReader {
        try require(header.size, atLeast: size, storage)
        return VMDKGrainDisk(
            storage: storage, map: try VMDKGrainTables(storage, header), parent: parent,
            compressed: header.isStream ? VMDKCompressedGrains(storage, grainSize: header.grainSize) : nil, size: size)
    }

    private static func cowd(
        _ storage: any ImageStorage, _ start: ImageFields, size: UInt64, on parent: (any BlockReader)?
    ) throws(EngineError) -> any BlockReader {
        let header = try COWDHeader(start, what: storage.name)
        try require(header.size, atLeast: size, storage)
        return VMDKGrainDisk(
            storage: storage, map: try VMDKGrainTables(storage, header), parent: parent, size: size)
    }

    private static func seSparse(
        _ storage: any ImageStorage, _ start: ImageFields, size: UInt64, on parent: (any BlockReader)?
    ) async throws(EngineError) -> any BlockReader {
        let header = try SESparseHeader(start, what: storage.name)
        let second = try await storage.fields(
            at: header.volatileHeader * VMDKLayout.sector, count: VMDKLayout.headerSize, what: "the second header")
        try SESparseHeader.checkVolatile(second, what: storage.name)
        try require(header.size, atLeast: size, storage)
        return VMDKGrainDisk(
            storage: storage, map: try SESparseTables(storage, header), parent: parent, size: size)
    }

    private static func require(
        _ there: UInt64, atLeast size: UInt64, _ storage: any ImageStorage
    ) throws(EngineError) {
        guard there >= size else {
            throw EngineError(
                .corrupt, "\(storage.name) holds \(there) bytes of the disk; the descriptor names \(size)")
        }
    }

    private static func named<T>(
        _ storage: any ImageStorage, _ body: () async throws(EngineError) -> T
    ) async throws(EngineError) -> T {
        do throws(EngineError) {
            return try await body()
        } catch {
            throw error.at(storage.name)
        }
    }
}

/// An open VMDK.
struct VMDKDisk: DiskImage {
    let disk: JoinedDisk
    let facts: ImageFacts

    var size: UInt64 { disk.size }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] { try await disk.extents(in: range) }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        try await disk.read(range, into: output)
    }
}

/// An extent that no file is needed for.
private struct ZeroDisk: BlockReader {
    let size: UInt64

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] { [DiskExtent(range, isZero: true)] }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        output.appendZeros(Int(range.count))
    }
}
