import Engine

/// The answer to a PROPFIND, as far as a listing needs it. Reads any prefixes of names; what it does not know it skips.
struct MultiStatus {
    struct Entry {
        var href = ""
        var isCollection = false
        var size: Int?
        var modified: Timestamp?

        private var parts: [Substring] { Self.path(of: href).split(separator: "/") }

        /// The last part of the path.
        var name: String? { parts.last.map(String.init) }

        func isSame(as url: String) -> Bool { parts == Self.path(of: url).split(separator: "/") }

        /// Without scheme and host, and decoded.
        private static func path(of text: String) -> String {
            var path = text[...]
            if let scheme = text.range(of: "://") {
                path = text[scheme.upperBound...].drop { $0 != "/" }
            }
            return path.percentDecoded
        }
    }

    private(set) var entries: [Entry] = []

    init(_ bytes: [UInt8]) {
        var rest = String(decoding: bytes, as: UTF8.self)[...]
        var text = ""
        var entry = Entry()
        while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
            text = String(rest[..<open])
            let tag = rest[rest.index(after: open)..<close]
            rest = rest[rest.index(after: close)...]
            let isEnd = tag.hasPrefix("/")
            let name = tag.drop { $0 == "/" }.prefix { !$0.isWhitespace && $0 != "/" }.split(separator: ":").last ?? ""
            switch (String(name), isEnd) {
            case ("response", false): entry = Entry()
            case ("response", true): entries.append(entry)
            case ("href", true) where entry.href.isEmpty: entry.href = text.trimmed.unescaped
            case ("collection", _): entry.isCollection = true
            case ("getcontentlength", true): entry.size = Int(text.trimmed)
            case ("getlastmodified", true): entry.modified = Timestamp(httpDate: text.trimmed)
            default: continue
            }
        }
    }
}

extension StringProtocol {
    /// First place of `other`.
    fileprivate func range(of other: String) -> Range<Index>? {
        indices.first { self[$0...].hasPrefix(other) }.map { $0..<index($0, offsetBy: other.count) }
    }

    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }

    fileprivate var unescaped: String {
        var result = String(self)
        for (name, letter) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
            result = result.split(separator: name, omittingEmptySubsequences: false).joined(separator: letter)
        }
        return result
    }

    fileprivate var percentDecoded: String {
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.count == 2, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Timestamp {
    /// `Mon, 23 Nov 2026 18:30:45 GMT`
    fileprivate init?(httpDate text: String) {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 6, let month = months.firstIndex(of: String(words[2])) else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        self.init("\(words[3])-\(number)-\(words[1])T\(words[4])Z")
    }
}
