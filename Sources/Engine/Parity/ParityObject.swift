/// The object `parity/xx/<pack>`, byte by byte. All numbers little-endian.
///
/// ```
/// header  48     magic 8 `AHVPARI1` · version u16 · pack kind u8 · zero 1 · data shards u16 · parity shards u16
///                · shard bytes u32 · pack bytes u32 · zero 8 · pack name 16
/// sums     8×34  xxh64 of each shard: first the pack's, then the parity's
/// seal     8     xxh64 of header and sums
/// parity         the parity shards, back to back
/// ```
///
/// Data shard *n* is the pack's bytes from `n × shard bytes` on; what lies beyond the pack's end counts as zeros, also in
/// its checksum. There are 32 data shards and 2 parity shards; the shard size is the smallest multiple of 64 with which
/// 32 shards hold the pack. `ParityCoder` has the arithmetic.
package struct ParityObject: Sendable {
    package static let magic = "AHVPARI1"
    static let headerCount = 48

    package let pack: PackID
    package let kind: PackKind
    package let shape: ParityShape
    /// Of all shards.
    package let sums: [UInt64]

    /// Bytes before the parity shards.
    static func headCount(_ shape: ParityShape) -> Int { headerCount + 8 * shape.shards + 8 }

    static func count(_ shape: ParityShape) -> Int { headCount(shape) + shape.parityShards * shape.shardSize }

    /// The whole object for a pack.
    package static func encoded(
        of pack: PackID, _ kind: PackKind, _ bytes: RawSpan, by coder: any ParityCoder
    ) -> Buffer {
        let shape = ParityShape(packCount: bytes.byteCount)
        let parity = Buffer(capacity: shape.parityShards * shape.shardSize)
        coder.encode(bytes, shape, into: parity)
        var sums = (0..<shape.dataShards).map { sum(ofDataShard: $0, bytes, shape) }
        for shard in 0..<shape.parityShards {
            let range = (shard * shape.shardSize)..<((shard + 1) * shape.shardSize)
            sums.append(parity.withBytes(range) { Checksum.xxh64($0) })
        }
        let object = Buffer(capacity: count(shape))
        object.append(head(pack, kind, shape, sums).span.bytes)
        parity.withBytes { object.append($0) }
        return object
    }

    private static func head(_ pack: PackID, _ kind: PackKind, _ shape: ParityShape, _ sums: [UInt64]) -> [UInt8] {
        var writer = ByteWriter(capacity: headCount(shape))
        writer.write(magic: magic)
        writer.write(UInt16(RepositoryFormat.version))
        writer.write(kind.rawValue)
        writer.write(zeros: 1)
        writer.write(UInt16(shape.dataShards))
        writer.write(UInt16(shape.parityShards))
        writer.write(UInt32(shape.shardSize))
        writer.write(UInt32(shape.packCount))
        writer.write(zeros: 8)
        writer.write(pack)
        for sum in sums { writer.write(sum) }
        writer.write(Checksum.xxh64(writer.bytes.span.bytes))
        return writer.bytes
    }

    /// The checksum of a data shard, its filling included.
    static func sum(ofDataShard shard: Int, _ pack: RawSpan, _ shape: ParityShape) -> UInt64 {
        let range = shape.bytes(ofShard: shard)
        guard range.count < shape.shardSize else { return Checksum.xxh64(pack.extracting(range)) }
        let padded = Buffer(capacity: shape.shardSize)
        padded.append(pack.extracting(range))
        padded.appendZeros(shape.shardSize - range.count)
        return padded.withBytes { Checksum.xxh64($0) }
    }

    /// Reads the part before the parity shards and checks it.
    /// - Parameter bytes: the object, or as much of it as there is.
    /// - Throws: `.corrupt`, `.unsupported` for a later version.
    package init(parsing bytes: RawSpan, of pack: PackID, _ kind: PackKind) throws(EngineError) {
        var reader = ByteReader(bytes, what: "it")
        try reader.expect(magic: Self.magic)
        let version = try reader.read(UInt16.self)
        guard version == RepositoryFormat.version else {
            throw EngineError(.unsupported, "it has format version \(version): update this program")
        }
        let kindByte = try reader.read(UInt8.self)
        try reader.skip(1)
        let dataShards = Int(try reader.read(UInt16.self))
        let parityShards = Int(try reader.read(UInt16.self))
        let shardSize = Int(try reader.read(UInt32.self))
        let packCount = Int(try reader.read(UInt32.self))
        try reader.skip(8)
        let named = try reader.readPackID()
        shape = ParityShape(packCount: packCount)
        guard packCount <= RepositoryFormat.packLimit, dataShards == shape.dataShards,
            parityShards == shape.parityShards, shardSize == shape.shardSize
        else { throw EngineError(.corrupt, "its header is damaged") }
        var sums: [UInt64] = []
        for _ in 0..<shape.shards { sums.append(try reader.read(UInt64.self)) }
        let covered = reader.offset
        guard try reader.read(UInt64.self) == Checksum.xxh64(bytes.extracting(0..<covered)) else {
            throw EngineError(.corrupt, "the checksum of its head does not fit")
        }
        guard named == pack, kindByte == kind.rawValue else {
            throw EngineError(.corrupt, "it belongs to pack \(named), under the name of another")
        }
        self.pack = pack
        self.kind = kind
        self.sums = sums
    }

    /// Numbers of the parity shards that are cut off or do not fit their checksum.
    package func damagedParity(in object: RawSpan) -> [Int] {
        (0..<shape.parityShards).filter { number in
            let start = Self.headCount(shape) + number * shape.shardSize
            guard start + shape.shardSize <= object.byteCount else { return true }
            return Checksum.xxh64(object.extracting(start..<(start + shape.shardSize)))
                != sums[shape.dataShards + number]
        }
    }
}
