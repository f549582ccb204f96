import Crypto

/// A SHA-256 of bytes that come one after the other.
struct RunningDigest: Sendable {
    private var hash = SHA256()
    /// Bytes so far.
    private(set) var count: UInt64 = 0

    private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

    mutating func append(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        count += UInt64(bytes.byteCount)
    }

    /// Appends zeros until `count` is `end`; nothing when it is that already.
    mutating func appendZeros(to end: UInt64) {
        while count < end {
            let number = Int(min(end - count, UInt64(Self.zeros.count)))
            append(Self.zeros.span.bytes.extracting(0..<number))
        }
    }

    /// Of everything so far; more may follow.
    var digest: Digest { Digest(hash.finalize()) }
}
