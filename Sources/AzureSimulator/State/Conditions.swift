/// The conditional header fields of a request.
struct Conditions: Sendable {
    private var match: [String]?
    private var noneMatch: [String]?
    private var modifiedSince: Instant?
    private var unmodifiedSince: Instant?

    /// `If-None-Match: *`: only create.
    var isCreateOnly: Bool { noneMatch == ["*"] }

    /// - Throws: `InvalidHeaderValue`.
    init(_ call: Call) throws(AzureError) {
        match = Self.tags(call["if-match"])
        noneMatch = Self.tags(call["if-none-match"])
        modifiedSince = try Self.date(call, "if-modified-since")
        unmodifiedSince = try Self.date(call, "if-unmodified-since")
    }

    /// For reads: what does not hold is 304 or 412.
    func checkRead(etag: String, modified: Instant) throws(AzureError) {
        if let match, !Self.contains(match, etag) { throw .conditionNotMet }
        if let unmodifiedSince, modified.whole > unmodifiedSince { throw .conditionNotMet }
        if let noneMatch {
            if Self.contains(noneMatch, etag) { throw .notModified }
        } else if let modifiedSince, modified.whole <= modifiedSince {
            throw .notModified
        }
    }

    /// For writes: what does not hold is 412.
    ///
    /// - Parameter etag: nil when there is nothing to overwrite.
    func checkWrite(etag: String?, modified: Instant?) throws(AzureError) {
        guard let etag, let modified else {
            if match != nil { throw .conditionNotMet }
            return
        }
        if let match, !Self.contains(match, etag) { throw .conditionNotMet }
        if let noneMatch, Self.contains(noneMatch, etag) { throw .conditionNotMet }
        if let unmodifiedSince, modified.whole > unmodifiedSince { throw .conditionNotMet }
        if let modifiedSince, modified.whole <= modifiedSince { throw .conditionNotMet }
    }

    private static func contains(_ tags: [String], _ etag: String) -> Bool { tags == ["*"] || tags.contains(etag) }

    private static func tags(_ field: String?) -> [String]? {
        field?.split(separator: ",").map { tag in
            let bare = tag.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            return String(bare) == "*" || bare.first == "\"" ? String(bare) : "\"\(String(bare))\""
        }
    }

    private static func date(_ call: Call, _ name: String) throws(AzureError) -> Instant? {
        guard let text = call[name] else { return nil }
        guard let date = Instant(httpDate: text) else { throw .invalidHeader(name, text) }
        return date
    }
}
