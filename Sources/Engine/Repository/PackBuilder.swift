/// A pack while it is filled, in a buffer of the pool.
struct PackBuilder {
    let id: PackID
    let kind: PackKind
    let buffer: Buffer
    private(set) var entries: [PackEntry] = []

    init(id: PackID, kind: PackKind, buffer: Buffer) {
        self.id = id
        self.kind = kind
        self.buffer = buffer
        buffer.removeAll()
        buffer.append(PackLayout.header(id, kind).span.bytes)
    }

    /// Whether a blob of `count` bytes, its header included, still fits together with the table.
    func hasRoom(for count: Int) -> Bool {
        buffer.room >= count + PackLayout.entryCount * (entries.count + 1) + PackLayout.footerCount
    }

    /// Gives the blob a place, which the caller fills before the pack is finished.
    /// - Returns: the place's offset in the buffer.
    mutating func reserve(_ blob: EncodedBlob) -> Int {
        let offset = buffer.count
        entries.append(
            PackEntry(
                id: blob.id, offset: UInt32(offset), storedCount: UInt32(blob.storedCount),
                rawCount: UInt32(blob.rawCount), codec: blob.codec, checksum: blob.checksum))
        buffer.markFilled(offset + blob.bytes.count)
        return offset
    }

    /// Takes in a blob of another pack as it is: header and stored bytes, which fit `entry`.
    mutating func append(copyOf entry: PackEntry, _ bytes: RawSpan) {
        entries.append(
            PackEntry(
                id: entry.id, offset: UInt32(buffer.count), storedCount: entry.storedCount, rawCount: entry.rawCount,
                codec: entry.codec, checksum: entry.checksum))
        buffer.append(bytes)
    }

    /// Writes table and footer; the buffer then holds the whole object.
    func finish() {
        let tableOffset = buffer.count
        var writer = ByteWriter(capacity: entries.count * PackLayout.entryCount + PackLayout.footerCount)
        for entry in entries { entry.write(to: &writer) }
        writer.write(UInt32(tableOffset))
        writer.write(UInt32(entries.count))
        writer.write(zeros: 16)
        let covered = PackLayout.header(id, kind) + writer.bytes
        writer.write(Checksum.xxh64(covered.span.bytes))
        writer.write(magic: PackLayout.endMagic)
        buffer.append(writer.bytes.span.bytes)
    }

    var blobEntries: [BlobEntry] { entries.map { BlobEntry(id: $0.id, location: $0.location(in: id, kind)) } }
}

extension PackEntry {
    func write(to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(offset)
        writer.write(storedCount)
        writer.write(rawCount)
        writer.write(codec)
        writer.write(zeros: 3)
        writer.write(checksum)
    }

    init(from reader: inout ByteReader) throws(EngineError) {
        id = try reader.readDigest()
        offset = try reader.read(UInt32.self)
        storedCount = try reader.read(UInt32.self)
        rawCount = try reader.read(UInt32.self)
        codec = try reader.read(UInt8.self)
        try reader.skip(3)
        checksum = try reader.read(UInt64.self)
    }
}
