import Engine
import Wire

/// One call of the REST API, before it is addressed and authorized.
struct PrismCall: Sendable {
    var method = "GET"
    /// From `/api` on; already percent-encoded.
    var path: String
    var query: [(name: String, value: String)] = []
    var body: JSONValue?
    var ifMatch: String?
    var headers: [HTTPHeader] = []
    /// Names the logical request: repetitions of it carry the same value, so that Prism carries it out once.
    var requestID = RandomText.uuid()

    /// The call in a few words, without ids and query, for messages.
    var title: String { "\(method) \(path)" }

    /// A path segment with everything encoded that is not plain.
    static func segment(_ text: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        let digits = Array("0123456789ABCDEF".utf8)
        let encoded = text.utf8.flatMap { byte -> [UInt8] in
            plain.contains(byte) ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// A text as a literal of a filter.
    static func literal(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    func request(to base: String, authorization: [HTTPHeader], limits: PrismLimits) -> HTTPRequest {
        var url = base + path
        if !query.isEmpty {
            url += "?" + query.map { "\($0.name)=\(Self.segment($0.value))" }.joined(separator: "&")
        }
        var lines = [HTTPHeader("Accept", "application/json"), HTTPHeader("User-Agent", "ahvault")]
        if method != "GET" { lines.append(HTTPHeader("NTNX-Request-Id", requestID)) }
        if body != nil { lines.append(HTTPHeader("Content-Type", "application/json")) }
        if let ifMatch { lines.append(HTTPHeader("If-Match", ifMatch)) }
        return HTTPRequest(
            method: method, url: url, headers: lines + headers + authorization, body: body?.text ?? [],
            connectTimeout: limits.connect, timeout: limits.reply)
    }
}

/// Random text for ids and secrets, from the system's own generator.
enum RandomText {
    /// A version 4 UUID in lower case.
    static func uuid() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A secret of 16 letters and digits: the longest that every initiator and target takes.
    static func chapSecret() -> String {
        let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")
        return String((0..<16).map { _ in letters[Int.random(in: letters.indices)] })
    }
}
