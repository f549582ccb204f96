import Crypto
import Foundation

/// Signs as the documentation says, for requests that need nothing special: not the simulator's own code.
enum TestSigner {
    static func hmac(_ text: String, key: String) -> String {
        let key = SymmetricKey(data: Data(base64Encoded: key) ?? Data())
        return Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)).base64EncodedString()
    }

    /// - Parameter path: with the query, as it is sent.
    static func sharedKey(_ method: String, _ path: String, _ headers: [String: String], key: String) -> String {
        let halves = path.split(separator: "?", maxSplits: 1).map(String.init)
        let account = path.split(separator: "/").first.map { $0.split(separator: "?")[0] } ?? ""
        let length = headers["content-length"] == "0" ? "" : headers["content-length"] ?? ""
        var lines = [
            method, headers["content-encoding"] ?? "", headers["content-language"] ?? "", length,
            headers["content-md5"] ?? "", headers["content-type"] ?? "", "", headers["if-modified-since"] ?? "",
            headers["if-match"] ?? "", headers["if-none-match"] ?? "", headers["if-unmodified-since"] ?? "",
            headers["range"] ?? "",
        ]
        lines += headers.filter { $0.key.hasPrefix("x-ms-") }.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
        lines.append("/\(account)\(halves[0])")
        let query = (halves.count > 1 ? halves[1] : "").split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding ?? "" }
            return "\(parts[0]):\(parts.count > 1 ? parts[1] : "")"
        }
        return hmac((lines + query.sorted()).joined(separator: "\n"), key: key)
    }

    static func httpDate(_ date: Date) -> String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.string(from: date)
    }

    static func isoDate(_ date: Date) -> String {
        String(date.formatted(.iso8601).prefix(19)) + "Z"
    }

    /// The value of a query parameter.
    static func escape(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
