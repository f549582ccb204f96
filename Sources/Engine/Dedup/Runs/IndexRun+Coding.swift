/// An index run as an object. All numbers little-endian.
///
/// ```
/// header   32  magic 8 · version u16 · zero 2 · packs u32 · entries u32 · zero 12
/// packs   24×n pack id 16 · kind u8 · zero 7
/// entries 48×n id 32 · pack number u32 · offset u32 · stored u32 · raw u24 · codec u8; ascending by id
/// end       8  xxh64 of everything before
/// ```
extension IndexRun {
    package static let magic = "AHVINDX1"
    package static let headerCount = 32
    package static let packCount = 24
    package static let entryCount = 48
    package static let endCount = 8

    package func encoded() -> Buffer {
        var numbers: [PackID: Int] = [:]
        var packs: [RunPack] = []
        for entry in entries where numbers[entry.location.pack] == nil {
            numbers[entry.location.pack] = packs.count
            packs.append(RunPack(id: entry.location.pack, kind: entry.location.kind))
        }
        let head = RunHead(packs: packs, count: entries.count)
        let buffer = Buffer(capacity: head.runSize)
        buffer.append(head.encoded.span.bytes)
        for entry in entries.sorted(by: { $0.id < $1.id }) {
            let number = numbers[entry.location.pack] ?? 0
            RunRecord(entry, packNumber: number).append(packNumber: number, to: buffer)
        }
        buffer.appendChecksum()
        return buffer
    }

    /// Puts entries as a new run at a target.
    @discardableResult
    static func put(_ entries: [BlobEntry], at target: any Target) async throws(EngineError) -> StoredRuns.Run {
        let name = newName()
        let object = IndexRun(name: name, entries: entries).encoded()
        try await target.put(ObjectLayout.index(name), object)
        return StoredRuns.Run(name: name, size: object.count)
    }

    /// A name that no other run has.
    static func newName() -> String {
        var generator = SystemRandomNumberGenerator()
        return PackID.random(using: &generator).description
    }

    /// Reads a run back.
    /// - Throws: `.corrupt` when a byte is wrong, `.unsupported` for a later version.
    package init(name: String, parsing bytes: RawSpan) throws(EngineError) {
        let what = "index/\(name)"
        guard bytes.byteCount >= Self.headerCount + Self.endCount else {
            throw EngineError(.corrupt, "\(what) is cut short")
        }
        let end = bytes.byteCount - Self.endCount
        var tail = ByteReader(bytes.extracting(end..<bytes.byteCount), what: what)
        guard try tail.read(UInt64.self) == Checksum.xxh64(bytes.extracting(0..<end)) else {
            throw EngineError(.corrupt, "\(what) is damaged: its checksum does not fit")
        }
        let head = try RunHead(parsing: bytes, size: bytes.byteCount, what: what)
        var entries: [BlobEntry] = []
        entries.reserveCapacity(head.count)
        for row in 0..<head.count {
            let record = RunRecord(bytes, at: head.size + row * Self.entryCount)
            guard record.packNumber < head.packs.count else {
                throw EngineError(.corrupt, "\(what) names a pack it does not list")
            }
            entries.append(record.entry(in: head.packs[record.packNumber]))
        }
        self.init(name: name, entries: entries)
    }
}

extension Buffer {
    /// Ends a run: appends the checksum of everything so far.
    func appendChecksum() {
        let checksum = withBytes { Checksum.xxh64($0) }
        append(upTo: IndexRun.endCount) { space in
            space.storeBytes(of: checksum.littleEndian, as: UInt64.self)
            return IndexRun.endCount
        }
    }
}
