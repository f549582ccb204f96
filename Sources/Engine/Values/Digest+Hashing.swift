import Crypto

extension Digest {
    /// The SHA-256 of `bytes`.
    package static func sha256(_ bytes: RawSpan) -> Digest {
        var hash = SHA256()
        unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        return hash.finalize().withUnsafeBytes { pointer in
            func word(_ index: Int) -> UInt64 {
                UInt64(bigEndian: unsafe pointer.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
            }
            return Digest(words: (word(0), word(1), word(2), word(3)))
        }
    }
}
