import Synchronization
import Wire

/// Who we are to Prism, and the session cookies it gave us.
///
/// A server checks a password slowly and a cookie fast, so cookies replace the password as long as they are accepted.
final class PrismSession: Sendable {
    enum Account: Sendable {
        case password(user: String, password: String)
        case apiKey(String)
    }

    private let account: Account
    private let cookies = Mutex<[String: String]>([:])

    init(_ account: Account) { self.account = account }

    /// The headers that prove who we are, and whether they are only cookies.
    var authorization: (headers: [HTTPHeader], isCookie: Bool) {
        switch account {
        case .apiKey(let key):
            return ([HTTPHeader("X-ntnx-api-key", key)], false)
        case .password(let user, let password):
            let held = cookies.withLock { $0 }
            guard held.isEmpty else {
                let line = held.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
                return ([HTTPHeader("Cookie", line)], true)
            }
            return ([HTTPHeader("Authorization", "Basic " + Base64.encode(Array("\(user):\(password)".utf8)))], false)
        }
    }

    /// Keeps the cookies of a reply; one that is emptied or has run out is dropped.
    func keep(_ reply: HTTPReply) {
        for line in reply.values(of: "Set-Cookie") {
            let parts = line.split(separator: ";", omittingEmptySubsequences: false)
            guard let pair = parts.first, let equals = pair.firstIndex(of: "=") else { continue }
            let name = pair[..<equals].filter { $0 != " " }
            let value = pair[pair.index(after: equals)...]
            let isOver =
                value.isEmpty || parts.dropFirst().contains { $0.lowercased().filter { $0 != " " } == "max-age=0" }
            guard !name.isEmpty else { continue }
            cookies.withLock { $0[name] = isOver ? nil : String(value) }
        }
    }

    /// Goes back to the password.
    func drop() { cookies.withLock { $0 = [:] } }
}

/// Base64 as HTTP and tokens use it.
enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0...3 {
                let isPadding = place > group.count
                text.append(isPadding ? UInt8(ascii: "=") : letters[word >> (18 - 6 * place) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Decodes the form of tokens (`-` and `_`, no padding) and the plain one; nil for anything else.
    static func decode(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var word = 0
        var bits = 0
        for unit in text.utf8 where unit != UInt8(ascii: "=") {
            let plain =
                unit == UInt8(ascii: "-") ? UInt8(ascii: "+") : unit == UInt8(ascii: "_") ? UInt8(ascii: "/") : unit
            guard let value = letters.firstIndex(of: plain) else { return nil }
            word = (word << 6 | value) & 0xffff
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(word >> bits & 0xff))
            }
        }
        return bytes
    }
}
