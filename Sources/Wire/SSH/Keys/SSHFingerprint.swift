import CSSH2

/// The SHA-256 of a host key, as `ssh-keygen -l` prints it: `SHA256:` and 43 letters of base64.
package struct SSHFingerprint: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// Reads it with or without `SHA256:`; nil when the rest is not base64 of 32 bytes.
    package init?(_ text: String) {
        let letters = text.hasPrefix("SHA256:") ? text.dropFirst(7) : Substring(text)
        let bare = letters.hasSuffix("=") ? letters.dropLast() : letters
        guard bare.utf8.count == 43, Base64.bytes(of: bare + "=")?.count == 32 else { return nil }
        description = "SHA256:" + bare
    }

    /// The fingerprint of a key as it travels on the wire.
    init(of key: [UInt8]) {
        var digest = [UInt8](repeating: 0, count: 32)
        var size: UInt32 = 0
        EVP_Digest(key, key.count, &digest, &size, EVP_sha256(), nil)
        description = "SHA256:" + Base64.text(of: digest).prefix(43)
    }
}
