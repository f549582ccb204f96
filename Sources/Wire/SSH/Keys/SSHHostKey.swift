/// A host key as a server shows it or a file holds it.
struct SSHHostKey: Equatable {
    /// As it travels on the wire: its type and its numbers (RFC 4253, section 6.6).
    let blob: [UInt8]

    /// `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`; empty when the blob does not say.
    var type: String {
        guard blob.count >= 4 else { return "" }
        let count = blob[..<4].reduce(0) { $0 << 8 | Int($1) }
        guard count <= blob.count - 4 else { return "" }
        return String(decoding: blob[4..<(4 + count)], as: UTF8.self)
    }

    var fingerprint: SSHFingerprint { SSHFingerprint(of: blob) }
}

/// What host key algorithms are asked for, best first.
enum SSHHostKeyTypes {
    static let all = [
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
    ]

    /// The algorithms that prove keys of these types. RSA keys have several.
    static func algorithms(for types: [String]) -> [String] {
        types.flatMap { $0 == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [$0] }
    }
}
