/// Base64 in its standard and its URL alphabet (RFC 4648).
enum Base64 {
    private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The bytes; nil when the text is no base64. Both alphabets are understood.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var output: [UInt8] = []
        var bits = 0
        var value = 0
        for byte in text.utf8 where byte != UInt8(ascii: "=") {
            let plain =
                byte == UInt8(ascii: "-") ? UInt8(ascii: "+") : byte == UInt8(ascii: "_") ? UInt8(ascii: "/") : byte
            guard let digit = standard.firstIndex(of: plain) else { return nil }
            value = (value << 6 | digit) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                output.append(UInt8(truncatingIfNeeded: value >> bits))
            }
        }
        return output
    }

    /// URL alphabet, no padding.
    static func encodeURL(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        var value = 0
        var bits = 0
        func digit(_ index: Int) -> UInt8 {
            let plain = standard[index]
            return plain == UInt8(ascii: "+")
                ? UInt8(ascii: "-") : plain == UInt8(ascii: "/") ? UInt8(ascii: "_") : plain
        }
        for byte in bytes {
            value = (value << 8 | Int(byte)) & 0xFFFF
            bits += 8
            while bits >= 6 {
                bits -= 6
                output.append(digit(value >> bits & 63))
            }
        }
        if bits > 0 { output.append(digit(value << (6 - bits) & 63)) }
        return String(decoding: output, as: UTF8.self)
    }
}
