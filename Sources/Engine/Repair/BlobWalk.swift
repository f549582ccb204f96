/// Finds the blobs of a pack whose table is lost, by their headers. Where the chain of blobs is broken, it goes on at the
/// next header that fits.
struct BlobWalk: Sendable {
    let codecs: CodecSet
    let protection: ContentProtection

    /// The blobs that can be decoded, with the ids that their content has, in order of offsets. Encrypted blobs cannot be
    /// decoded without their ids: none of them is found.
    func entries(in pack: RawSpan, of id: PackID, _ kind: PackKind) -> [BlobEntry] {
        guard case .plain = protection else { return [] }
        var found: [BlobEntry] = []
        for (offset, header) in Self.headers(in: pack) {
            let start = offset + PackLayout.blobHeaderCount
            guard header.generation == nil, header.rawCount < 1 << 24,
                let digest = digest(pack.extracting(start..<(start + Int(header.storedCount))), header)
            else { continue }
            found.append(
                BlobEntry(
                    id: digest,
                    location: BlobLocation(
                        pack: id, kind: kind, offset: UInt32(offset), storedCount: header.storedCount,
                        rawCount: header.rawCount, codec: header.codec)))
        }
        return found
    }

    private func digest(_ stored: RawSpan, _ header: BlobHeader) -> Digest? {
        let raw = Buffer(capacity: max(1, Int(header.rawCount)))
        do throws(EngineError) {
            try codecs.codec(header.codec).decode(stored, rawCount: Int(header.rawCount), into: raw)
        } catch {
            return nil
        }
        guard raw.count == Int(header.rawCount) else { return nil }
        return raw.withBytes { ContentIdentity.plain.id(of: $0) }
    }

    /// Places of blob headers, in order, none inside the blob of another.
    static func headers(in pack: RawSpan) -> [(offset: Int, header: BlobHeader)] {
        var found: [(Int, BlobHeader)] = []
        var offset = PackLayout.headerCount
        var isInChain = true
        while offset + PackLayout.blobHeaderCount <= pack.byteCount {
            if let header = header(in: pack, at: offset, isInChain: isInChain) {
                found.append((offset, header))
                offset += PackLayout.blobHeaderCount + Int(header.storedCount)
                isInChain = true
            } else if let next = nextMagic(in: pack, from: offset + 1) {
                offset = next
                isInChain = false
            } else {
                break
            }
        }
        return found
    }

    /// The header at `offset`. Beside the chain it must lead to another one, as any bytes may look like a header.
    private static func header(in pack: RawSpan, at offset: Int, isInChain: Bool) -> BlobHeader? {
        let rest = pack.extracting(offset..<pack.byteCount)
        guard let header = try? BlobHeader(parsing: rest) else { return nil }
        let end = offset + PackLayout.blobHeaderCount + Int(header.storedCount)
        guard end <= pack.byteCount else { return nil }
        return isInChain || isMagic(in: pack, at: end) || end == pack.byteCount ? header : nil
    }

    private static func isMagic(in pack: RawSpan, at offset: Int) -> Bool {
        offset + 4 <= pack.byteCount
            && UInt32(littleEndian: pack.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)) == magic
    }

    private static func nextMagic(in pack: RawSpan, from start: Int) -> Int? {
        var offset = start
        while offset + 4 <= pack.byteCount {
            if isMagic(in: pack, at: offset) { return offset }
            offset += 1
        }
        return nil
    }

    /// `BLOB`, read as a little-endian number.
    private static let magic: UInt32 = 0x424F_4C42
}
