/// The pack, byte by byte: header, blobs, table, footer. All numbers little-endian.
///
/// ```
/// header   64  magic 8 · version u16 · kind u8 · zero 5 · pack id 16 · zero 32
/// blob     16+ `BlobHeader` · the stored bytes
/// table   56×n id 32 · offset u32 · stored u32 · raw u32 · codec u8 · zero 3 · xxh64 u64
/// footer   40  table offset u32 · entries u32 · zero 16 · xxh64 u64 · magic 8
/// ```
///
/// A table entry's checksum covers the blob's header and stored bytes; the footer's covers the pack's header, the table
/// and the footer's first 24 bytes. Blobs lie back to back, so every byte of a pack is covered by one of them.
package enum PackLayout {
    package static let headerCount = 64
    package static let blobHeaderCount = 16
    package static let entryCount = 56
    package static let footerCount = 40
    package static let magic = "AHVPACK1"
    package static let blobMagic = "BLOB"
    package static let endMagic = "AHVPEND1"

    static func header(_ id: PackID, _ kind: PackKind) -> [UInt8] {
        var writer = ByteWriter(capacity: headerCount)
        writer.write(magic: magic)
        writer.write(UInt16(RepositoryFormat.version))
        writer.write(kind.rawValue)
        writer.write(zeros: 5)
        writer.write(id)
        writer.write(zeros: 32)
        return writer.bytes
    }
}

/// One row of a pack's table.
package struct PackEntry: Sendable, Equatable {
    package let id: Digest
    package let offset: UInt32
    package let storedCount: UInt32
    package let rawCount: UInt32
    package let codec: UInt8
    package let checksum: UInt64

    package func location(in pack: PackID, _ kind: PackKind) -> BlobLocation {
        BlobLocation(
            pack: pack, kind: kind, offset: offset, storedCount: storedCount, rawCount: rawCount, codec: codec)
    }
}
