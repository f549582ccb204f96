import Crypto
import FoundationEssentials

/// Encrypts and opens single blobs. Each carries all that is needed to open it but the master key, so that it can be
/// copied into another pack without keys.
///
/// ```
/// stored bytes   session salt 16 · counter u64 · ciphertext · tag 16
/// nonce          the counter's 8 bytes · zero 4
/// key            of the session: see `SessionKeys`, purpose `ahvault blob 1`
/// authenticated  id 32 · the blob's header 16 · pack kind 1
/// ```
package struct BlobCipher: Sendable {
    let keys: SessionKeys

    /// Bytes of salt and counter, before the ciphertext.
    static let prefixCount = SessionKeys.saltCount + 8
    static let tagCount = 16
    /// By so much the stored bytes are longer than what was encrypted.
    static let overhead = prefixCount + tagCount

    init(_ ring: KeyRing) { keys = SessionKeys(ring) }

    init(_ keys: SessionKeys) { self.keys = keys }

    /// Written into the headers of new blobs.
    var generation: UInt16 { keys.generation }

    /// Encrypts a blob in place. The buffer holds header, room for salt and counter, and what is to be encrypted; the tag
    /// is appended.
    /// - Precondition: the header, already with the stored bytes' final count, is at the buffer's start.
    func seal(_ blob: Buffer, id: Digest, kind: PackKind) throws(EngineError) {
        let counter = keys.nextCounter()
        var prefix = ByteWriter(capacity: Self.prefixCount)
        prefix.write(keys.salt)
        prefix.write(counter)
        blob.overwrite(at: PackLayout.blobHeaderCount, with: prefix.bytes.span.bytes)
        let start = PackLayout.blobHeaderCount + Self.prefixCount
        let nonce = try SessionKeys.nonce(counter)
        let authenticated = blob.withBytes { Self.authenticated($0, id, kind) }
        let box: AES.GCM.SealedBox
        do {
            box = try AES.GCM.seal(
                UnsafeRawBufferPointer(rebasing: blob.memory[start..<blob.count]), using: keys.writingKey(.blob),
                nonce: nonce, authenticating: authenticated)
        } catch {
            throw EngineError(.bug, "AES-GCM failed: \(error)")
        }
        blob.overwrite(at: start, with: box.ciphertext.bytes)
        blob.append(box.tag.bytes)
    }

    /// What was encrypted.
    /// - Parameter blob: header and stored bytes.
    /// - Throws: `.corrupt` when a byte is not what was written, or belongs to another id or kind of pack; `.locked`.
    func open(_ blob: RawSpan, generation: UInt16, id: Digest, kind: PackKind) throws(EngineError) -> Data {
        let start = PackLayout.blobHeaderCount + Self.prefixCount
        guard blob.byteCount >= start + Self.tagCount else {
            throw EngineError(.corrupt, "it is too short to be encrypted")
        }
        let salt = blob.extracting(PackLayout.blobHeaderCount..<(start - 8)).withUnsafeBytes { Array($0) }
        let counter = UInt64(littleEndian: blob.unsafeLoadUnaligned(fromByteOffset: start - 8, as: UInt64.self))
        let key = try keys.readingKey(.blob, generation: generation, salt: salt)
        let nonce = try SessionKeys.nonce(counter)
        let authenticated = Self.authenticated(blob, id, kind)
        let end = blob.byteCount - Self.tagCount
        do {
            return try blob.withUnsafeBytes { bytes in
                let box = try AES.GCM.SealedBox(
                    nonce: nonce, ciphertext: UnsafeRawBufferPointer(rebasing: bytes[start..<end]),
                    tag: UnsafeRawBufferPointer(rebasing: bytes[end...]))
                return try AES.GCM.open(box, using: key, authenticating: authenticated)
            }
        } catch {
            throw EngineError(.corrupt, "its encrypted bytes were altered: they do not fit their tag")
        }
    }

    private static func authenticated(_ blob: RawSpan, _ id: Digest, _ kind: PackKind) -> [UInt8] {
        var writer = ByteWriter(capacity: Digest.count + PackLayout.blobHeaderCount + 1)
        writer.write(id)
        blob.extracting(0..<PackLayout.blobHeaderCount).withUnsafeBytes { writer.write(Array($0)) }
        writer.write(kind.rawValue)
        return writer.bytes
    }
}
