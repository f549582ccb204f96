import FoundationEssentials

/// A JSON document whose every byte is covered by a checksum: the repository's configuration, manifests, key slots and
/// whatever else is read by programs and people.
///
/// Three parts: the line `AHVAULT <KIND> 1`, the line `sha256 <64 digits>`, then JSON. The SHA-256 is that of the first
/// line with its line break, followed by the JSON. Manifests of encrypted repositories have a longer first line:
/// `SealedDocument+Encryption.swift`.
package struct SealedDocument<Content: Codable> {
    /// Such as `CONFIG` or `MANIFEST`.
    let kind: String
    /// Names the object in errors.
    let what: String

    package init(kind: String, what: String) {
        self.kind = kind
        self.what = what
    }

    package func seal(_ content: Content) throws(EngineError) -> Buffer {
        sealed(clearLine + "\n", try json(content))
    }

    /// - Throws: `.corrupt` when a byte is wrong, `.unsupported` for a later version of the format.
    package func open(_ bytes: [UInt8]) throws(EngineError) -> Content {
        let parts = try parse(bytes)
        guard parts.words.isEmpty else { throw damaged("it is encrypted, as nothing in this repository may be") }
        return try content(Data(parts.body))
    }

    /// A document taken apart, its checksum checked.
    struct Parts {
        /// The first line with its line break.
        let line: [UInt8]
        /// What the first line says after the version.
        let words: [String]
        let body: ArraySlice<UInt8>
    }

    func parse(_ bytes: [UInt8]) throws(EngineError) -> Parts {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3 else { throw damaged("it has no header") }
        let head = String(decoding: lines[0].prefix(200), as: UTF8.self)
        let words = head.split(separator: " ")
        guard words.count >= 3, words[0] == "AHVAULT", words[1] == kind, let version = Int(words[2]) else {
            throw damaged("its first line is `\(head.prefix(80))`")
        }
        let seal = String(decoding: lines[1].prefix(200), as: UTF8.self)
        let line = Array(lines[0]) + [UInt8(ascii: "\n")]
        guard seal == "sha256 \(Self.digest(line, lines[2]))" else { throw damaged("its checksum does not fit") }
        guard version == RepositoryFormat.version else {
            throw EngineError(
                .unsupported, "\(what) has format version \(version); this program reads version 1: update it")
        }
        return Parts(line: line, words: words.dropFirst(3).map(String.init), body: lines[2])
    }

    func sealed(_ line: String, _ body: [UInt8]) -> Buffer {
        let head = Array(line.utf8)
        return Buffer(head + Array("sha256 \(Self.digest(head, body[...]))\n".utf8) + body)
    }

    func json(_ content: Content) throws(EngineError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        do { return Array(try encoder.encode(content)) } catch { throw EngineError(error).at(what) }
    }

    func content(_ json: Data) throws(EngineError) -> Content {
        do {
            return try JSONDecoder().decode(Content.self, from: json)
        } catch {
            throw EngineError(.corrupt, "\(what) is not understood: \(error)")
        }
    }

    var clearLine: String { "AHVAULT \(kind) \(RepositoryFormat.version)" }

    func damaged(_ why: String) -> EngineError { EngineError(.corrupt, "\(what) is damaged: \(why)") }

    private static func digest(_ line: [UInt8], _ body: ArraySlice<UInt8>) -> Digest {
        let covered = line + body
        return Digest.sha256(covered.span.bytes)
    }
}
