/// The id of one writer or reader of a repository, for as long as it works: 64 random bits.
///
/// It is the second half of the names of all packs that a session writes: whether a pack belongs to work that is still
/// going on is seen from its name, without comparing clocks.
package struct SessionID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let word: UInt64

    package init(word: UInt64) { self.word = word }

    package static func random(using generator: inout some RandomNumberGenerator) -> SessionID {
        SessionID(word: generator.next())
    }

    /// - Parameter text: 16 hexadecimal digits.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 16, let bytes = Hex.bytes(String(text)) else { return nil }
        word = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    package var description: String { Hex.text(word) }
    package static func < (a: SessionID, b: SessionID) -> Bool { a.word < b.word }
}

extension SessionID: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = SessionID(text) else { throw EngineError(.corrupt, "`\(text)` is no session id") }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension PackID {
    /// A fresh name for a pack of a session.
    package static func random(
        of session: SessionID, using generator: inout some RandomNumberGenerator
    ) -> PackID {
        PackID(words: (generator.next(), session.word))
    }

    /// The session that wrote the pack.
    package var session: SessionID { SessionID(word: words.1) }
}
