/// The 16 bytes before a blob's stored bytes.
///
/// ```
/// magic 4 `BLOB` · codec u8 · flags u8 · key generation u16 · stored bytes u32 · raw bytes u32
/// ```
///
/// Bit 0 of the flags says that the stored bytes are encrypted, under the key of that generation; without it the
/// generation is 0. All other bits are 0.
package struct BlobHeader: Sendable, Equatable {
    package let codec: UInt8
    /// Nil when the stored bytes are not encrypted.
    package let generation: UInt16?
    /// Bytes behind the header.
    package let storedCount: UInt32
    /// Bytes when decoded.
    package let rawCount: UInt32

    private static let encrypted: UInt8 = 1

    package init(codec: UInt8, generation: UInt16?, storedCount: UInt32, rawCount: UInt32) {
        self.codec = codec
        self.generation = generation
        self.storedCount = storedCount
        self.rawCount = rawCount
    }

    /// Reads the header at the start of `bytes`; nothing says yet that the numbers make sense.
    /// - Throws: `.corrupt` when it is no header.
    package init(parsing bytes: RawSpan) throws(EngineError) {
        var reader = ByteReader(bytes, what: "the blob")
        try reader.expect(magic: PackLayout.blobMagic)
        codec = try reader.read(UInt8.self)
        let flags = try reader.read(UInt8.self)
        let number = try reader.read(UInt16.self)
        guard flags & ~Self.encrypted == 0, (flags == 0) == (number == 0) else {
            throw EngineError(.corrupt, "the blob's header has flags \(flags) and key generation \(number)")
        }
        generation = flags == 0 ? nil : number
        storedCount = try reader.read(UInt32.self)
        rawCount = try reader.read(UInt32.self)
    }

    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: PackLayout.blobHeaderCount)
        writer.write(magic: PackLayout.blobMagic)
        writer.write(codec)
        writer.write(generation == nil ? 0 : Self.encrypted)
        writer.write(generation ?? 0)
        writer.write(storedCount)
        writer.write(rawCount)
        return writer.bytes
    }
}
