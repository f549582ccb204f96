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
    /// - Parameters:
    ///   - blob: header and stored bytes.
    ///   - generation: from the header.
    /// - Throws: `.corrupt` when a byte is not what was written, or belongs to another id or kind of pack; `.locked` when
    ///   it was written under a key that this process does not have.
    func open(_ blob: RawSpan, generation: UInt16, id: Digest, kind: PackKind) throws(EngineError) -> Data {
        let salt = blob.byteCount < PackLayout.blobHeaderCount + Self.overhead ? nil : Self.salt(of: blob)
        guard let salt else { throw EngineError(.corrupt, "it is too short to be encrypted") }
        let key: SymmetricKey
        do {
            key = try keys.readingKey(.blob, generation: generation, salt: salt)
        } catch {
            // A damaged header must not pass for a key that is too old.
            guard isUnderKnownKey(blob, salt, id, kind) else { throw error }
            throw EngineError(.corrupt, "its header was altered: it names key generation \(generation)")
        }
        guard let plain = Self.open(blob, key, Self.authenticated(blob, id, kind)) else {
            throw EngineError(.corrupt, "its encrypted bytes were altered: they do not fit their tag")
        }
        return plain
    }

    /// Whether the blob opens as one of a generation that its header does not name.
    private func isUnderKnownKey(_ blob: RawSpan, _ salt: [UInt8], _ id: Digest, _ kind: PackKind) -> Bool {
        guard let header = try? BlobHeader(parsing: blob) else { return false }
        return keys.ring.masters.suffix(16).contains { master in
            let intact = BlobHeader(
                codec: header.codec, generation: master.generation, storedCount: header.storedCount,
                rawCount: header.rawCount)
            guard let key = try? keys.readingKey(.blob, generation: master.generation, salt: salt) else { return false }
            return Self.open(blob, key, Self.authenticated(intact.bytes.span.bytes, id, kind)) != nil
        }
    }

    private static func salt(of blob: RawSpan) -> [UInt8] {
        let start = PackLayout.blobHeaderCount
        return blob.extracting(start..<(start + SessionKeys.saltCount)).withUnsafeBytes { Array($0) }
    }

    private static func open(_ blob: RawSpan, _ key: SymmetricKey, _ authenticated: [UInt8]) -> Data? {
        let start = PackLayout.blobHeaderCount + prefixCount
        let end = blob.byteCount - tagCount
        let counter = UInt64(littleEndian: blob.unsafeLoadUnaligned(fromByteOffset: start - 8, as: UInt64.self))
        return try? blob.withUnsafeBytes { bytes in
            let box = try AES.GCM.SealedBox(
                nonce: SessionKeys.nonce(counter), ciphertext: UnsafeRawBufferPointer(rebasing: bytes[start..<end]),
                tag: UnsafeRawBufferPointer(rebasing: bytes[end...]))
            return try AES.GCM.open(box, using: key, authenticating: authenticated)
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
