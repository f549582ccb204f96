/// How this process names, reads and writes what a repository holds: in clear, with keys, or not at all.
package enum ContentProtection: Sendable {
    /// The repository is not encrypted.
    case plain
    /// It is encrypted, and the keys are at hand.
    case encrypted(ContentIdentity, BlobCipher)
    /// It is encrypted and was opened without keys: names, sizes and checksums can be used, content cannot.
    case locked

    /// With the keys of a ring, in a writer session of its own.
    package init(_ ring: KeyRing) {
        self = .encrypted(ContentIdentity(secret: ring.identity), BlobCipher(ring))
    }

    /// How bytes get their ids.
    /// - Throws: `.locked`.
    package var identity: ContentIdentity {
        get throws(EngineError) {
            switch self {
            case .plain: .plain
            case .encrypted(let identity, _): identity
            case .locked: throw Self.noPassphrase
            }
        }
    }

    /// What blobs are encrypted with; nil when the repository is not encrypted.
    /// - Throws: `.locked`.
    package var cipher: BlobCipher? {
        get throws(EngineError) {
            switch self {
            case .plain: nil
            case .encrypted(_, let cipher): cipher
            case .locked: throw Self.noPassphrase
            }
        }
    }

    /// What is said when content is asked for and there is no passphrase.
    package static let noPassphrase = EngineError(
        .locked,
        "the repository is encrypted and no passphrase is configured: "
            + "add `encryption: { passphrase: \"file:PATH\" }` to the repository's block")
}
