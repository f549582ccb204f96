/// A blob ready to be appended to a pack: header and stored bytes in a lane's scratch buffer.
struct EncodedBlob {
    let id: Digest
    let storedCount: Int
    let rawCount: Int
    let codec: UInt8
    /// Over header and stored bytes.
    let checksum: UInt64
    let bytes: Buffer

    /// Encodes `raw` into `scratch`, as it is when the codec does not make it smaller.
    init(id: Digest, raw: RawSpan, codec: any Codec, scratch: Buffer) throws(EngineError) {
        scratch.removeAll()
        scratch.appendZeros(PackLayout.blobHeaderCount)
        try codec.encode(raw, into: scratch)
        var wireID = type(of: codec).wireID
        if scratch.count - PackLayout.blobHeaderCount >= raw.byteCount {
            scratch.truncate(to: PackLayout.blobHeaderCount)
            scratch.append(raw)
            wireID = CodecID.none
        }
        storedCount = scratch.count - PackLayout.blobHeaderCount
        scratch.overwrite(
            at: 0, with: PackLayout.blobHeader(codec: wireID, stored: storedCount, raw: raw.byteCount).span.bytes)
        self.id = id
        rawCount = raw.byteCount
        self.codec = wireID
        checksum = scratch.withBytes { Checksum.xxh64($0) }
        bytes = scratch
    }

    /// Room that `scratch` needs for `count` raw bytes.
    static func scratchCapacity(for count: Int, codec: any Codec) -> Int {
        PackLayout.blobHeaderCount + max(codec.bound(count), count)
    }
}
