import Crypto

/// How bytes get their id, and VMs the folder of their manifests: by SHA-256 alone, or by a key over it, so that
/// whoever sees an encrypted repository cannot tell by its names what it holds.
package struct ContentIdentity: Sendable {
    private let key: SymmetricKey?

    /// That of a repository without encryption.
    package static let plain = ContentIdentity(key: nil)

    private init(key: SymmetricKey?) { self.key = key }

    /// That of an encrypted repository.
    /// - Parameter secret: the key ring's 32 bytes of identity.
    package init(secret: [UInt8]) { key = SymmetricKey(data: secret) }

    /// The id of a chunk, tree node or VM configuration: SHA-256(`bytes`), or HMAC-SHA-256(identity, SHA-256(`bytes`)).
    package func id(of bytes: RawSpan) -> Digest { id(ofPlain: .sha256(bytes)) }

    /// The id of bytes whose SHA-256 is known.
    package func id(ofPlain plain: Digest) -> Digest {
        guard let key else { return plain }
        var writer = ByteWriter(capacity: Digest.count)
        writer.write(plain)
        return Digest.hmac(writer.bytes.span.bytes, key)
    }

    /// The folder of a VM's manifests, whatever characters its id has: the first 16 hexadecimal digits of
    /// SHA-256(id in UTF-8), or of HMAC-SHA-256(identity, id in UTF-8).
    package func folder(vm: String) -> String {
        let text = Array(vm.utf8)
        let digest = key.map { Digest.hmac(text.span.bytes, $0) } ?? Digest.sha256(text.span.bytes)
        return String(digest.description.prefix(16))
    }
}
