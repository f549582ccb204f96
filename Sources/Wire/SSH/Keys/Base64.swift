import CSSH2

/// Base64 with padding, as SSH's files have it.
enum Base64 {
    /// nil when `text` is no base64.
    static func bytes(of text: some StringProtocol) -> [UInt8]? {
        let letters = Array(text.utf8)
        guard !letters.isEmpty, letters.count % 4 == 0, letters.count < 1 << 20 else { return nil }
        var bytes = [UInt8](repeating: 0, count: letters.count / 4 * 3)
        guard EVP_DecodeBlock(&bytes, letters, Int32(letters.count)) == Int32(bytes.count) else { return nil }
        let padding = letters.suffix(2).count { $0 == UInt8(ascii: "=") }
        return Array(bytes.dropLast(padding))
    }

    static func text(of bytes: [UInt8]) -> String {
        var letters = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&letters, bytes, Int32(bytes.count))
        return String(decoding: letters.prefix(Int(count)), as: UTF8.self)
    }
}
