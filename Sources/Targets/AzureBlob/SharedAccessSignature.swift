package import Engine

/// A shared access signature as it was given: the query that is put behind every address, unchanged.
package struct SharedAccessSignature: Sendable {
    /// Without a leading `?`. Never shown.
    package let query: String
    /// When it ends; nil when a stored policy says so instead.
    package let expiry: Timestamp?
    /// Letters of what it permits; nil when a stored policy says so instead.
    package let permissions: String?

    /// - Throws: `.configuration` when it is none.
    package init(_ text: String) throws(EngineError) {
        var rest = Substring(text.filter { !$0.isWhitespace })
        if let mark = rest.lastIndex(of: "?") { rest = rest[rest.index(after: mark)...] }
        query = String(rest)
        var values: [Substring: String] = [:]
        for item in rest.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = PercentCoding.decode(String(parts[1])) }
        }
        guard values["sig"] != nil, values["sv"] != nil else {
            throw EngineError(
                .configuration, "`sas` is no shared access signature: it has `sv=` and `sig=` in it, joined by `&`")
        }
        expiry = values["se"].flatMap { Self.time($0) }
        permissions = values["sp"]
    }

    /// `2026-11-22`, `2026-11-22T10:00Z` and `2026-11-22T10:00:00Z` are all in use.
    private static func time(_ text: String) -> Timestamp? {
        switch text.utf8.count {
        case 10: Timestamp(text + "T00:00:00Z")
        case 17: Timestamp(text.dropLast() + ":00Z")
        default: Timestamp(text)
        }
    }
}
