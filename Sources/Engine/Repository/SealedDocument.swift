import FoundationEssentials

/// A JSON document whose every byte is covered by a checksum: the repository's configuration and the manifests.
///
/// Three parts: the line `AHVAULT <KIND> 1`, the line `sha256 <64 digits>`, then JSON. The SHA-256 is that of the first
/// line with its line break, followed by the JSON.
package struct SealedDocument<Content: Codable> {
    /// `CONFIG` or `MANIFEST`.
    let kind: String
    /// Names the object in errors.
    let what: String

    package init(kind: String, what: String) {
        self.kind = kind
        self.what = what
    }

    package func seal(_ content: Content) throws(EngineError) -> Buffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        let json: [UInt8]
        do { json = Array(try encoder.encode(content)) } catch { throw EngineError(error).at(what) }
        let head = Array(firstLine.utf8)
        let covered = head + json
        let digest = Digest.sha256(covered.span.bytes)
        return Buffer(head + Array("sha256 \(digest)\n".utf8) + json)
    }

    /// - Throws: `.corrupt` when a byte is wrong, `.unsupported` for a later version of the format.
    package func open(_ bytes: [UInt8]) throws(EngineError) -> Content {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3 else { throw damaged("it has no header") }
        let head = String(decoding: lines[0], as: UTF8.self)
        let words = head.split(separator: " ")
        guard words.count == 3, words[0] == "AHVAULT", words[1] == kind, let version = Int(words[2]) else {
            throw damaged("its first line is `\(head.prefix(80))`")
        }
        let seal = String(decoding: lines[1], as: UTF8.self)
        let covered = Array(lines[0]) + [UInt8(ascii: "\n")] + lines[2]
        guard seal == "sha256 \(Digest.sha256(covered.span.bytes))" else {
            throw damaged("its checksum does not fit")
        }
        guard version == RepositoryFormat.version else {
            throw EngineError(
                .unsupported, "\(what) has format version \(version); this program reads version 1: update it")
        }
        do {
            return try JSONDecoder().decode(Content.self, from: Data(lines[2]))
        } catch {
            throw EngineError(.corrupt, "\(what) is not understood: \(error)")
        }
    }

    private var firstLine: String { "AHVAULT \(kind) \(RepositoryFormat.version)\n" }

    private func damaged(_ why: String) -> EngineError { EngineError(.corrupt, "\(what) is damaged: \(why)") }
}
