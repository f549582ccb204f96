/// One iSCSI protocol data unit of the login or discovery phase (RFC 7143): header, and text as key=value pairs.
struct LoginUnit: Sendable {
    static let headerLength = 48
    /// Longer texts than this are no login.
    static let maximumText = 1 << 20

    /// The basic header, 48 bytes.
    var header: [UInt8]
    var text: [UInt8]

    enum Code {
        static let login: UInt8 = 0x03
        static let text: UInt8 = 0x04
        static let loginAnswer: UInt8 = 0x23
        static let textAnswer: UInt8 = 0x24
    }

    var code: UInt8 { header[0] & 0x3F }

    /// Length of the whole unit by its header: additional header, data and padding.
    static func length(_ header: [UInt8]) -> Int {
        let data = header[5..<8].bigEndianNumber
        return headerLength + Int(header[4]) * 4 + (data + 3) / 4 * 4
    }

    /// Takes a whole unit apart.
    init(_ bytes: [UInt8]) {
        header = Array(bytes[..<Self.headerLength])
        let start = Self.headerLength + Int(header[4]) * 4
        let length = header[5..<8].bigEndianNumber
        text = Array(bytes[min(start, bytes.count)..<min(start + length, bytes.count)])
        header[4] = 0
    }

    /// The pairs of the text, in order.
    var pairs: [(key: String, value: String)] {
        get {
            text.split(separator: 0).compactMap { pair in
                let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                guard halves.count == 2 else { return nil }
                return (String(decoding: halves[0], as: UTF8.self), String(decoding: halves[1], as: UTF8.self))
            }
        }
        set { text = newValue.flatMap { Array("\($0.key)=\($0.value)".utf8) + [0] } }
    }

    subscript(_ key: String) -> String? { pairs.first { $0.key == key }?.value }

    /// The unit as it goes over the wire.
    var bytes: [UInt8] {
        var head = header
        head[5] = UInt8(truncatingIfNeeded: text.count >> 16)
        head[6] = UInt8(truncatingIfNeeded: text.count >> 8)
        head[7] = UInt8(truncatingIfNeeded: text.count)
        return head + text + Array(repeating: 0, count: (4 - text.count % 4) % 4)
    }

    /// The answer to a login request that ends it: a redirect or a refusal.
    func answer(statusClass: UInt8, detail: UInt8, pairs: [(key: String, value: String)] = []) -> LoginUnit {
        var answer = LoginUnit(Array(repeating: 0, count: Self.headerLength))
        answer.header[0] = Code.loginAnswer
        answer.header[1] = header[1] & 0x0C
        answer.header.replaceSubrange(8..<14, with: header[8..<14])
        answer.header.replaceSubrange(16..<20, with: header[16..<20])
        answer.header.replaceSubrange(24..<28, with: header[28..<32])
        answer.header.replaceSubrange(28..<32, with: header[24..<28])
        answer.header.replaceSubrange(32..<36, with: header[24..<28])
        answer.header[36] = statusClass
        answer.header[37] = detail
        answer.pairs = pairs
        return answer
    }
}
