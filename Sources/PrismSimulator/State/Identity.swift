import Crypto

/// Ids of the simulated estate.
enum Identity {
    /// A UUID (version 5 layout) that depends on nothing but the name.
    static func named(_ name: String) -> String {
        var bytes = Array(Insecure.SHA1.hash(data: Array("prism-simulator/\(name)".utf8)).prefix(16))
        bytes[6] = (bytes[6] & 0x0F) | 0x50
        bytes[8] = (bytes[8] & 0x3F) | 0x80
        return text(bytes)
    }

    /// A new random UUID (version 4).
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        bytes[6] = (bytes[6] & 0x0F) | 0x40
        bytes[8] = (bytes[8] & 0x3F) | 0x80
        return text(bytes)
    }

    /// A random token of hexadecimal digits, for sessions and signing keys.
    static func token() -> String { (random() + random()).filter { $0 != "-" } }

    private static func text(_ bytes: [UInt8]) -> String {
        let digits = bytes.hex
        var parts: [Substring] = []
        var rest = digits[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }
}

extension Sequence<UInt8> {
    /// Lower-case hexadecimal digits, two a byte.
    var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var output: [UInt8] = []
        for byte in self {
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
        return String(decoding: output, as: UTF8.self)
    }
}
