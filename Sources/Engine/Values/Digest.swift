/// A SHA-256, the identity of a chunk or a tree node. Four words, hashed by one of them: it is random already.
public struct Digest: Sendable, Hashable, Comparable {
    /// The 32 bytes as four big-endian words, so that comparing words compares bytes.
    package let words: (UInt64, UInt64, UInt64, UInt64)

    package init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// - Precondition: `bytes` has at least 32 bytes from `offset`.
    package init(_ bytes: RawSpan, at offset: Int = 0) {
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 8 * index, as: UInt64.self))
        }
        precondition(offset >= 0 && bytes.byteCount - offset >= 32, "a digest has 32 bytes")
        words = (word(0), word(1), word(2), word(3))
    }

    public static func == (a: Digest, b: Digest) -> Bool {
        a.words.0 == b.words.0 && a.words.1 == b.words.1 && a.words.2 == b.words.2 && a.words.3 == b.words.3
    }

    public static func < (a: Digest, b: Digest) -> Bool { a.words < b.words }

    public func hash(into hasher: inout Hasher) { hasher.combine(words.1) }

    public static let count = 32
}

extension Digest: CustomStringConvertible {
    public var description: String {
        [words.0, words.1, words.2, words.3].map { Hex.text($0) }.joined()
    }

    /// The digest that `text`, 64 hexadecimal digits, stands for.
    public init?(_ text: String) {
        guard let bytes = Hex.bytes(text), bytes.count == Digest.count else { return nil }
        self.init(bytes.span.bytes)
    }
}

extension Digest: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let digest = Digest(text) else { throw EngineError(.corrupt, "`\(text)` is no SHA-256") }
        self = digest
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
