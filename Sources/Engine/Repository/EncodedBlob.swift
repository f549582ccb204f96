/// A blob ready to be appended to a pack: header and stored bytes in a lane's scratch buffer.
struct EncodedBlob {
    let id: Digest
    let storedCount: Int
    let rawCount: Int
    let codec: UInt8
    /// Over header and stored bytes.
    let checksum: UInt64
    let bytes: Buffer

    /// Encodes `raw` into `scratch`, as it is when the codec does not make it smaller, and encrypts it.
    /// - Parameters:
    ///   - cipher: nil in a repository without encryption.
    ///   - kind: of the packs that the blob may lie in.
    init(
        id: Digest, raw: RawSpan, codec: any Codec, cipher: BlobCipher?, kind: PackKind, scratch: Buffer
    ) throws(EngineError) {
        let start = PackLayout.blobHeaderCount + (cipher == nil ? 0 : BlobCipher.prefixCount)
        scratch.removeAll()
        scratch.appendZeros(start)
        try codec.encode(raw, into: scratch)
        var wireID = type(of: codec).wireID
        if scratch.count - start >= raw.byteCount {
            scratch.truncate(to: start)
            scratch.append(raw)
            wireID = CodecID.none
        }
        storedCount = scratch.count - PackLayout.blobHeaderCount + (cipher == nil ? 0 : BlobCipher.tagCount)
        let header = BlobHeader(
            codec: wireID, generation: cipher?.generation, storedCount: UInt32(storedCount),
            rawCount: UInt32(raw.byteCount))
        scratch.overwrite(at: 0, with: header.bytes.span.bytes)
        try cipher?.seal(scratch, id: id, kind: kind)
        self.id = id
        rawCount = raw.byteCount
        self.codec = wireID
        checksum = scratch.withBytes { Checksum.xxh64($0) }
        bytes = scratch
    }

    /// Room that `scratch` needs for `count` raw bytes.
    static func scratchCapacity(for count: Int, codec: any Codec) -> Int {
        PackLayout.blobHeaderCount + BlobCipher.overhead + max(codec.bound(count), count)
    }
}
