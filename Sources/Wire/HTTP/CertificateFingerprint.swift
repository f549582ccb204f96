/// The SHA-256 of a certificate's DER form: what a pinned server is recognized by.
package struct CertificateFingerprint: Sendable, Hashable, CustomStringConvertible {
    /// Length of a fingerprint in bytes.
    package static let byteCount = 32

    package let bytes: [UInt8]

    /// The fingerprint with these 32 bytes, or nil for any other count.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Reads `sha256:` and 64 hexadecimal digits, in either case, with or without colons between the bytes.
    package init?(_ text: String) {
        var digits = Substring(text)
        if digits.lowercased().hasPrefix("sha256:") { digits = digits.dropFirst(7) }
        var nibbles: [UInt8] = []
        for character in digits where character != ":" {
            guard character.isASCII, let nibble = character.hexDigitValue else { return nil }
            nibbles.append(UInt8(nibble))
        }
        guard nibbles.count == 2 * Self.byteCount else { return nil }
        bytes = stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
    }

    /// `sha256:` and lower-case hexadecimal digits: what the configuration takes.
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return "sha256:" + String(decoding: text, as: UTF8.self)
    }
}
