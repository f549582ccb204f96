/// How the compressed clusters of an image are compressed.
enum QCOW2Compression: UInt8, Sendable {
    /// Deflate without a wrapper (RFC 1951), by its usual name.
    case zlib = 0
    case zstd = 1
}
