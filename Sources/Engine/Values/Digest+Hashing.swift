import Crypto

extension Digest {
    /// The SHA-256 of `bytes`.
    package static func sha256(_ bytes: RawSpan) -> Digest {
        var hash = SHA256()
        unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        return Digest(hash.finalize())
    }

    init(_ digest: SHA256.Digest) { self = digest.withUnsafeBytes(Self.words) }

    /// The HMAC-SHA-256 of `bytes`.
    static func hmac(_ bytes: RawSpan, _ key: SymmetricKey) -> Digest {
        var code = HMAC<SHA256>(key: key)
        unsafe bytes.withUnsafeBytes { unsafe code.update(data: $0) }
        return code.finalize().withUnsafeBytes(Self.words)
    }

    private static func words(_ pointer: UnsafeRawBufferPointer) -> Digest {
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: unsafe pointer.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
        }
        return Digest(words: (word(0), word(1), word(2), word(3)))
    }
}
