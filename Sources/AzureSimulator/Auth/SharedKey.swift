import Crypto

/// Shared Key signatures of Blob storage, as of 2015-02-21.
enum SharedKey {
    /// - Returns: base64 of the HMAC; nil when the key is no base64.
    static func sign(_ text: String, key: String) -> String? {
        guard let key = Base64.decode(key) else { return nil }
        return sign(text, key: key)
    }

    static func sign(_ text: String, key: [UInt8]) -> String {
        Base64.encode(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }

    /// The strings that may have been signed.
    ///
    /// The service's order of header fields gives hyphens less weight than any letter; clients that sort by bytes
    /// differ from it only where names are equal but for hyphens. Both are accepted.
    static func stringsToSign(_ call: Call) -> [String] {
        let names = call.headers.keys.filter { $0.hasPrefix("x-ms-") }
        let byBytes = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let byWeight = byBytes.sorted { left, right in
            let (left, right) = (left.replacing("-", with: ""), right.replacing("-", with: ""))
            return left.utf8.lexicographicallyPrecedes(right.utf8)
        }
        let tied = byBytes.sorted { left, right in
            let (bare, other) = (left.replacing("-", with: ""), right.replacing("-", with: ""))
            return bare == other ? left.count < right.count : bare.utf8.lexicographicallyPrecedes(other.utf8)
        }
        var texts: [String] = []
        for order in [tied, byWeight, byBytes] {
            let text = stringToSign(call, fields: order)
            if !texts.contains(text) { texts.append(text) }
        }
        return texts
    }

    private static func stringToSign(_ call: Call, fields: [String]) -> String {
        let length = call["content-length"] ?? ""
        let lines = [
            call.method, call["content-encoding"] ?? "", call["content-language"] ?? "", length == "0" ? "" : length,
            call["content-md5"] ?? "", call["content-type"] ?? "", call["x-ms-date"] == nil ? call["date"] ?? "" : "",
            call["if-modified-since"] ?? "", call["if-match"] ?? "", call["if-none-match"] ?? "",
            call["if-unmodified-since"] ?? "", call["range"] ?? "",
        ]
        let headers = fields.map { "\($0):\(fold(call[$0] ?? ""))\n" }.joined()
        return lines.joined(separator: "\n") + "\n" + headers + resource(call)
    }

    /// `/account/path`, then the query by lower-case name.
    private static func resource(_ call: Call) -> String {
        var values: [String: [String]] = [:]
        for (name, value) in call.query { values[name.lowercased(), default: []].append(value) }
        let query = values.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { name in
            "\n\(name):\(values[name, default: []].sorted().joined(separator: ","))"
        }
        return "/\(call.account)\(call.rawPath)" + query.joined()
    }

    /// Outer blanks gone, inner runs one blank.
    private static func fold(_ value: String) -> String {
        value.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r\n" || $0 == "\n" }).joined(separator: " ")
    }
}
