/// Checks a sealed document without keys: its kind, its checksum and its version.
struct SealCheck: Sendable {
    /// As in the first line: `CONFIG`, `MANIFEST`, …
    let kind: String
    /// Member of the JSON that repeats the object's name, where there is one: it tells documents that were swapped.
    let nameMember: String?

    /// How the reason starts for a document that this program is too old for.
    static let laterVersion = "it has format version "

    /// - Returns: what is wrong, nil when nothing is.
    func fault(of bytes: [UInt8], named name: String) -> String? {
        guard !bytes.isEmpty else { return "it is empty" }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
        let head = String(decoding: lines[0].prefix(200), as: UTF8.self)
        let words = head.split(separator: " ")
        guard words.count >= 3, words[0] == "AHVAULT", let version = Int(words[2]) else {
            return "it is damaged: it does not start as a sealed document does"
        }
        guard words[1] == kind else {
            return "it is a document of kind \(words[1]) in the place of one of kind \(kind)"
        }
        guard lines.count == 3 else { return "it is cut short: it has no content" }
        let covered = Array(lines[0]) + [UInt8(ascii: "\n")] + lines[2]
        guard String(decoding: lines[1], as: UTF8.self) == "sha256 \(Digest.sha256(covered.span.bytes))" else {
            return "it is damaged or cut short: its checksum does not fit"
        }
        guard version == RepositoryFormat.version else {
            return "\(Self.laterVersion)\(version); this program reads \(RepositoryFormat.version): update it"
        }
        // Only the first line of an encrypted document has more than three words.
        return words.count == 3 ? nameFault(of: Array(lines[2]), named: name) : nil
    }

    private func nameFault(of json: [UInt8], named name: String) -> String? {
        guard let nameMember else { return nil }
        guard let content = try? JSONValue(parsing: json), let own = content[nameMember]?.string else {
            return "it is not understood: it does not say its `\(nameMember)`"
        }
        return name == own || name.hasPrefix(own + "-") ? nil : "it is `\(own)` under the name of another object"
    }
}
