import Glibc

/// A file with a private key, refused when others can read it.
struct PrivateKeyFile {
    private let isRSA: Bool

    init(_ path: String) throws(WireError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw WireError(.configuration, "the key file \(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw WireError(.configuration, "\(path) is no key file") }
        guard status.st_mode & 0o077 == 0 else {
            throw WireError(.configuration, "the key file \(path) can be read by other users: run `chmod 600` on it")
        }
        guard access(path, R_OK) == 0 else {
            throw WireError(.configuration, "the key file \(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        isRSA = Self.looksLikeRSA(path)
    }

    /// What else may be the reason when a server refuses the key.
    var adviceOnRefusal: String {
        guard isRSA else { return "" }
        return " (an RSA key, which this libssh2 signs with SHA-1, as OpenSSH 8.8 and later refuse: "
            + "use an ed25519 key, or an agent)"
    }

    private static func looksLikeRSA(_ path: String) -> Bool {
        guard let file = fopen(path, "re") else { return false }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 400)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        if text.contains("BEGIN RSA") { return true }
        // The public key stands in clear near the start; base64 of its type depends on how it falls on three bytes.
        let body = text.split(whereSeparator: \.isNewline).dropFirst().prefix { !$0.hasPrefix("-") }.joined()
        guard let plain = Base64.bytes(of: body.prefix(body.count / 4 * 4)) else { return false }
        return String(decoding: plain, as: UTF8.self).contains("ssh-rsa")
    }
}
