import Crypto
import FoundationEssentials

/// One way to the keys: the whole key ring, wrapped under a passphrase. The content of `keys/<id>`, a sealed document of
/// kind KEY.
///
/// ```
/// wrapped         AES-256-GCM(key ring as JSON): ciphertext · tag 16, in hexadecimal digits
/// key, verifier   scrypt's 64 bytes: the first 32, the last 32; see `KeyDerivation`
/// nonce           12 zero bytes: the key is of this slot alone, its salt being random
/// authenticated   `ahvault key 1`, repository, id, created, generation, type, salt, N, r, p, verifier, label:
///                 as they stand in the document, one a line, joined by line feeds
/// ```
package struct KeySlot: Codable, Sendable {
    /// 16 hexadecimal digits: the object's name.
    package let id: String
    /// Of which repository it is; others are passed over.
    package let repository: String
    package let label: String
    package let created: Timestamp
    /// The newest generation of the ring.
    package let generation: UInt16
    let kdf: KeyDerivation
    let verifier: String
    let wrapped: String

    private static let idCount = 8
    /// Characters.
    package static let labelLimit = 200

    /// Wraps a ring.
    /// - Parameter id: nil for a random one.
    init(
        wrapping ring: KeyRing, under passphrase: Passphrase, repository: String, id: String? = nil, label: String,
        cost: KeyDerivation.Cost
    ) throws(EngineError) {
        let kdf = KeyDerivation(cost)
        let keys = try kdf.keys(passphrase)
        self.id = id ?? Hex.text(RandomBytes.make(Self.idCount))
        self.repository = repository
        self.label = label
        created = .now()
        generation = ring.generation
        self.kdf = kdf
        verifier = keys.verifier
        let authenticated = Self.authenticated(repository, self.id, created, generation, kdf, verifier, label)
        do {
            let box = try AES.GCM.seal(
                JSONEncoder().encode(RingDocument(ring)), using: keys.wrapping, nonce: Self.nonce(),
                authenticating: authenticated)
            wrapped = Hex.text(Array(box.ciphertext + box.tag))
        } catch {
            throw EngineError(error)
        }
    }

    /// The ring; nil when the passphrase is another one. Takes time and memory on purpose.
    /// - Throws: `.corrupt` when the passphrase fits and the rest does not.
    func open(_ passphrase: Passphrase) throws(EngineError) -> KeyRing? {
        let keys = try kdf.keys(passphrase)
        guard keys.verifier == verifier else { return nil }
        let ring: KeyRing
        do {
            guard let bytes = Hex.bytes(wrapped), bytes.count > 16 else { throw EngineError(.corrupt, "it is cut") }
            let box = try AES.GCM.SealedBox(
                nonce: Self.nonce(), ciphertext: bytes.dropLast(16), tag: bytes.suffix(16))
            let authenticated = Self.authenticated(repository, id, created, generation, kdf, verifier, label)
            let json = try AES.GCM.open(box, using: keys.wrapping, authenticating: authenticated)
            ring = try JSONDecoder().decode(RingDocument.self, from: json).ring()
        } catch {
            throw EngineError(.corrupt, "key slot \(id) was altered: the passphrase is right, what it protects is not")
        }
        guard ring.generation == generation else { throw EngineError(.corrupt, "key slot \(id) has another ring") }
        return ring
    }

    private static func nonce() throws -> AES.GCM.Nonce { try AES.GCM.Nonce(data: [UInt8](repeating: 0, count: 12)) }

    private static func authenticated(
        _ repository: String, _ id: String, _ created: Timestamp, _ generation: UInt16, _ kdf: KeyDerivation,
        _ verifier: String, _ label: String
    ) -> [UInt8] {
        let lines = [
            "ahvault key 1", repository, id, "\(created)", "\(generation)", kdf.type, kdf.salt, "\(kdf.rounds)",
            "\(kdf.blockSize)", "\(kdf.parallelism)", verifier, label,
        ]
        return Array(lines.joined(separator: "\n").utf8)
    }

    static func document(_ id: String) -> SealedDocument<KeySlot> {
        SealedDocument(kind: "KEY", what: "key slot \(id)")
    }
}

/// A key ring as a slot wraps it: JSON, keys in hexadecimal digits.
private struct RingDocument: Codable {
    struct Master: Codable {
        let generation: UInt16
        let key: String
    }

    let identity: String
    let masters: [Master]

    init(_ ring: KeyRing) {
        identity = Hex.text(ring.identity)
        masters = ring.masters.map { Master(generation: $0.generation, key: Hex.text($0.key)) }
    }

    func ring() throws(EngineError) -> KeyRing {
        try KeyRing(
            identity: Hex.bytes(identity) ?? [],
            masters: masters.map { KeyRing.Master(generation: $0.generation, key: Hex.bytes($0.key) ?? []) })
    }
}
