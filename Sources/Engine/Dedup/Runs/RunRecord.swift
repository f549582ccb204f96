/// One entry of an index run, in the 48 bytes it has there. Packs are numbers, given by the run's head.
struct RunRecord: Sendable {
    let id: Digest
    let packNumber: Int
    let offset: UInt32
    let storedCount: UInt32
    let rawCount: UInt32
    let codec: UInt8

    init(_ entry: BlobEntry, packNumber: Int) {
        id = entry.id
        self.packNumber = packNumber
        offset = entry.location.offset
        storedCount = entry.location.storedCount
        rawCount = entry.location.rawCount
        codec = entry.location.codec
    }

    /// - Precondition: `bytes` has an entry at `offset`.
    init(_ bytes: RawSpan, at start: Int) {
        func word(_ offset: Int) -> UInt32 {
            UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start + offset, as: UInt32.self))
        }
        precondition(start >= 0 && bytes.byteCount - start >= IndexRun.entryCount, "an entry has 48 bytes")
        id = Digest(bytes, at: start)
        packNumber = Int(word(32))
        offset = word(36)
        storedCount = word(40)
        rawCount = word(44) & 0xFF_FFFF
        codec = UInt8(word(44) >> 24)
    }

    func entry(in pack: RunPack) -> BlobEntry {
        BlobEntry(
            id: id,
            location: BlobLocation(
                pack: pack.id, kind: pack.kind, offset: offset, storedCount: storedCount, rawCount: rawCount,
                codec: codec))
    }

    /// Appends it to a run that gives its pack the number `number`.
    /// - Precondition: there is room.
    func append(packNumber number: Int, to buffer: Buffer) {
        buffer.append(upTo: IndexRun.entryCount) { space in
            space.storeBytes(of: id.words.0.bigEndian, toByteOffset: 0, as: UInt64.self)
            space.storeBytes(of: id.words.1.bigEndian, toByteOffset: 8, as: UInt64.self)
            space.storeBytes(of: id.words.2.bigEndian, toByteOffset: 16, as: UInt64.self)
            space.storeBytes(of: id.words.3.bigEndian, toByteOffset: 24, as: UInt64.self)
            space.storeBytes(of: UInt32(number).littleEndian, toByteOffset: 32, as: UInt32.self)
            space.storeBytes(of: offset.littleEndian, toByteOffset: 36, as: UInt32.self)
            space.storeBytes(of: storedCount.littleEndian, toByteOffset: 40, as: UInt32.self)
            let rawAndCodec = rawCount & 0xFF_FFFF | UInt32(codec) << 24
            space.storeBytes(of: rawAndCodec.littleEndian, toByteOffset: 44, as: UInt32.self)
            return IndexRun.entryCount
        }
    }
}
