/// One HTTP request, decoded: path pieces and query names are free of percent escapes.
struct WebRequest: Sendable {
    var method: String
    /// The path as it came, for messages and links.
    var rawPath: String
    var path: [String]
    var query: [String: String]
    /// Header fields by lower-case name; fields that came twice are joined.
    var headers: [String: String]
    var cookies: [(name: String, value: String)]
    var body: [UInt8]
    /// `https://address:port` as the client named it.
    var origin: String

    func cookie(_ name: String) -> String? { cookies.last { $0.name == name }?.value }

    static func decodePercent(_ text: some StringProtocol) -> String? {
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "%") {
                guard position + 2 < bytes.count,
                    let byte = UInt8(String(decoding: bytes[position + 1...position + 2], as: UTF8.self), radix: 16)
                else { return nil }
                output.append(byte)
                position += 3
            } else {
                output.append(bytes[position] == UInt8(ascii: "+") ? 0x20 : bytes[position])
                position += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    static func query(_ text: some StringProtocol) -> [String: String] {
        var values: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decodePercent(halves[0]) else { continue }
            values[name] = halves.count > 1 ? decodePercent(halves[1]) ?? "" : ""
        }
        return values
    }

    static func cookies(_ field: String) -> [(name: String, value: String)] {
        field.split(whereSeparator: { $0 == ";" || $0 == "," }).compactMap { pair in
            let halves = pair.split(separator: "=", maxSplits: 1)
            guard halves.count == 2 else { return nil }
            return (halves[0].drop { $0 == " " }.description, halves[1].description)
        }
    }
}

/// One HTTP answer.
struct WebResponse: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    static func json(_ status: Int, _ value: JSONValue) -> WebResponse {
        WebResponse(status: status, headers: [("Content-Type", "application/json")], body: value.bytes)
    }
}
