import Crypto
import FoundationEssentials
import Synchronization

/// The keys of writer sessions: one of this session to write with, those of others, found again by their salts, to read.
///
/// A session key is HKDF-SHA-256(key: a generation's master, salt: the session's 16 random bytes, info: the purpose),
/// 32 bytes. This session never uses a counter twice; its salt is made anew for every process and never written before
/// a counter is used with it, so a crash cannot repeat a nonce.
final class SessionKeys: Sendable {
    /// What a key is for; the text is HKDF's info.
    enum Purpose: String, Hashable {
        case blob = "ahvault blob 1"
        case manifest = "ahvault manifest 1"
    }

    static let saltCount = 16
    /// Keys of so many sessions are remembered while reading.
    private static let limit = 1024

    private struct Name: Hashable {
        let purpose: Purpose
        let generation: UInt16
        let salt: [UInt8]
    }

    let ring: KeyRing
    /// Of this session.
    let salt: [UInt8]
    /// The generation that this session writes under.
    let generation: UInt16
    private let blobKey: SymmetricKey
    private let manifestKey: SymmetricKey
    private let counter = Atomic<UInt64>(0)
    private let known = Mutex<[Name: SymmetricKey]>([:])

    init(_ ring: KeyRing, salt: [UInt8] = RandomBytes.make(saltCount)) {
        let master = ring.key(ofGeneration: ring.generation) ?? []
        self.ring = ring
        self.salt = salt
        generation = ring.generation
        blobKey = Self.derive(.blob, master, salt)
        manifestKey = Self.derive(.manifest, master, salt)
    }

    /// A number that this session has not used yet.
    func nextCounter() -> UInt64 { counter.add(1, ordering: .relaxed).oldValue }

    /// The key that this session writes with.
    func writingKey(_ purpose: Purpose) -> SymmetricKey {
        switch purpose {
        case .blob: blobKey
        case .manifest: manifestKey
        }
    }

    /// The key that some session has written with.
    /// - Throws: `.locked` when this process has no master of that generation.
    func readingKey(_ purpose: Purpose, generation: UInt16, salt: [UInt8]) throws(EngineError) -> SymmetricKey {
        let name = Name(purpose: purpose, generation: generation, salt: salt)
        if let key = known.withLock({ $0[name] }) { return key }
        guard let master = ring.key(ofGeneration: generation) else {
            throw EngineError(
                .locked,
                "it is encrypted under key generation \(generation), and the passphrase opens only generations up to "
                    + "\(ring.generation): the keys were changed since; use a passphrase that "
                    + "`ahvault repository key list` shows with the newest generation")
        }
        let key = Self.derive(purpose, master, salt)
        known.withLock { known in
            if known.count == Self.limit { known = [:] }
            known[name] = key
        }
        return key
    }

    private static func derive(_ purpose: Purpose, _ master: [UInt8], _ salt: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: master), salt: salt, info: Array(purpose.rawValue.utf8),
            outputByteCount: 32)
    }

    /// The nonce of a counter: 8 bytes little-endian, then 4 zero bytes.
    static func nonce(_ counter: UInt64) throws(EngineError) -> AES.GCM.Nonce {
        var writer = ByteWriter(capacity: 12)
        writer.write(counter)
        writer.write(zeros: 4)
        do { return try AES.GCM.Nonce(data: writer.bytes) } catch { throw EngineError(error) }
    }
}
