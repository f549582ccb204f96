import Engine

/// The block table of a VHDX.
struct VHDXBlocks: BlockMap {
    /// What an entry says of its block.
    enum State: UInt64 {
        case notPresent = 0
        case undefined = 1
        case zero = 2
        case unmapped = 3
        /// What version 0.95 wrote for `unmapped`.
        case unmappedBefore = 5
        case present = 6
        case partlyPresent = 7
    }

    let size: UInt64
    let blockSize: UInt64
    private let metadata: VHDXMetadata
    private let storage: any ImageStorage
    private let table: TablePages

    /// Bytes of a block of a sector bitmap.
    static let bitmapSize: UInt64 = 1 << 20
    private static let stateMask: UInt64 = 7

    /// - Throws: `.corrupt` when the table does not lie within the file.
    init(_ head: VHDXHead) throws(EngineError) {
        size = head.metadata.size
        blockSize = head.metadata.blockSize
        metadata = head.metadata
        storage = head.storage
        table = try TablePages(
            head.storage, at: ByteRange(start: head.table.start, count: head.metadata.tableEntries * 8),
            what: "the block table")
    }

    /// The state of an entry; nil for a number that means nothing.
    static func state(_ entry: UInt64) -> State? { State(rawValue: entry & stateMask) }

    /// Where the block of an entry is in the file.
    static func offset(_ entry: UInt64) -> UInt64 { entry & ~(VHDXLayout.mebibyte - 1) }

    static func entry(_ state: State, at offset: UInt64 = 0) -> UInt64 { offset | state.rawValue }

    /// The index of a block's entry: one of a sector bitmap stands behind those of each chunk.
    static func index(ofBlock block: UInt64, ratio: UInt64) -> UInt64 { block + block / ratio }

    func place(of block: UInt64) async throws(EngineError) -> BlockPlace {
        let entry = try await table.little64(Self.index(ofBlock: block, ratio: metadata.chunkRatio))
        switch Self.state(entry) {
        case .notPresent: return .parent
        case .undefined, .zero, .unmapped, .unmappedBefore: return .zero
        case .present: return .stored(at: try start(entry, of: block))
        case .partlyPresent where metadata.hasParent:
            return .mixed(at: try start(entry, of: block), try await bits(of: block))
        default:
            throw EngineError(
                .corrupt, "\(storage.name): the table's entry of block \(block) has the state \(entry & Self.stateMask)"
            )
        }
    }

    /// Where the block begins: an offset within the file, so that sums with it make sense.
    private func start(_ entry: UInt64, of block: UInt64) throws(EngineError) -> UInt64 {
        let offset = Self.offset(entry)
        guard offset >= VHDXLayout.headersEnd else {
            throw EngineError(
                .corrupt, "\(storage.name): block \(block) cannot lie over the headers, as the table has it")
        }
        guard offset <= storage.size else {
            throw EngineError(
                .corrupt,
                "\(storage.name): block \(block) should be at \(offset), but the file ends at \(storage.size): it is "
                    + "damaged or cut off")
        }
        return offset
    }

    /// The block's part of the sector bitmap of its chunk.
    private func bits(of block: UInt64) async throws(EngineError) -> SectorBits {
        let ratio = metadata.chunkRatio
        let chunk = block / ratio
        let entry = try await table.little64(chunk * (ratio + 1) + ratio)
        guard Self.state(entry) == .present else {
            throw EngineError(.corrupt, "\(storage.name): the sector bitmap of block \(block) is missing")
        }
        let bytes = blockSize / metadata.logicalSector / 8
        let fields = try await storage.fields(
            at: Self.offset(entry) + block % ratio * bytes, count: Int(bytes), what: "a sector bitmap")
        return SectorBits(bytes: fields.bytes, order: .lowestFirst, sectorSize: metadata.logicalSector)
    }
}
