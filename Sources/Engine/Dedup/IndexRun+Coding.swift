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

    package func encoded() -> Buffer {
        var numbers: [PackID: UInt32] = [:]
        var packs: [(PackID, PackKind)] = []
        for entry in entries where numbers[entry.location.pack] == nil {
            numbers[entry.location.pack] = UInt32(packs.count)
            packs.append((entry.location.pack, entry.location.kind))
        }
        var writer = ByteWriter(
            capacity: Self.headerCount + packs.count * Self.packCount + entries.count * Self.entryCount + 8)
        writer.write(magic: Self.magic)
        writer.write(UInt16(RepositoryFormat.version))
        writer.write(zeros: 2)
        writer.write(UInt32(packs.count))
        writer.write(UInt32(entries.count))
        writer.write(zeros: 12)
        for (pack, kind) in packs {
            writer.write(pack)
            writer.write(kind.rawValue)
            writer.write(zeros: 7)
        }
        for entry in entries.sorted(by: { $0.id < $1.id }) {
            writer.write(entry.id)
            writer.write(numbers[entry.location.pack] ?? 0)
            writer.write(entry.location.offset)
            writer.write(entry.location.storedCount)
            writer.write(entry.location.rawCount | UInt32(entry.location.codec) << 24)
        }
        writer.write(Checksum.xxh64(writer.bytes.span.bytes))
        return Buffer(writer.bytes)
    }

    /// Reads a run back.
    /// - Throws: `.corrupt` when a byte is wrong, `.unsupported` for a later version.
    package init(name: String, parsing bytes: RawSpan) throws(EngineError) {
        let what = "index/\(name)"
        guard bytes.byteCount >= Self.headerCount + 8 else { throw EngineError(.corrupt, "\(what) is cut short") }
        let end = bytes.byteCount - 8
        var tail = ByteReader(bytes.extracting(end..<bytes.byteCount), what: what)
        guard try tail.read(UInt64.self) == Checksum.xxh64(bytes.extracting(0..<end)) else {
            throw EngineError(.corrupt, "\(what) is damaged: its checksum does not fit")
        }
        var reader = ByteReader(bytes.extracting(0..<end), what: what)
        try reader.expect(magic: Self.magic)
        guard try reader.read(UInt16.self) == RepositoryFormat.version else {
            throw EngineError(.unsupported, "\(what) has a later format version: update this program")
        }
        try reader.skip(2)
        let packCount = Int(try reader.read(UInt32.self))
        let entryCount = Int(try reader.read(UInt32.self))
        try reader.skip(12)
        guard reader.remaining == packCount * Self.packCount + entryCount * Self.entryCount else {
            throw EngineError(.corrupt, "\(what) is damaged: its counts do not fit its size")
        }
        var packs: [(PackID, PackKind)] = []
        packs.reserveCapacity(packCount)
        for _ in 0..<packCount {
            let id = try reader.readPackID()
            guard let kind = PackKind(rawValue: try reader.read(UInt8.self)) else {
                throw EngineError(.corrupt, "\(what) names a pack of no known kind")
            }
            try reader.skip(7)
            packs.append((id, kind))
        }
        var entries: [BlobEntry] = []
        entries.reserveCapacity(entryCount)
        for _ in 0..<entryCount { entries.append(try Self.entry(from: &reader, packs: packs, what: what)) }
        self.init(name: name, entries: entries)
    }

    private static func entry(
        from reader: inout ByteReader, packs: [(PackID, PackKind)], what: String
    ) throws(EngineError) -> BlobEntry {
        let id = try reader.readDigest()
        let number = Int(try reader.read(UInt32.self))
        let offset = try reader.read(UInt32.self)
        let stored = try reader.read(UInt32.self)
        let rawAndCodec = try reader.read(UInt32.self)
        guard number < packs.count else { throw EngineError(.corrupt, "\(what) names a pack it does not list") }
        let (pack, kind) = packs[number]
        return BlobEntry(
            id: id,
            location: BlobLocation(
                pack: pack, kind: kind, offset: offset, storedCount: stored, rawCount: rawAndCodec & 0xFF_FFFF,
                codec: UInt8(rawAndCodec >> 24)))
    }
}
