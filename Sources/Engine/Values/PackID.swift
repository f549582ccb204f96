/// The name of a pack: 128 random bits.
public struct PackID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let words: (UInt64, UInt64)

    package init(words: (UInt64, UInt64)) { self.words = words }

    package static func random(using generator: inout some RandomNumberGenerator) -> PackID {
        PackID(words: (generator.next(), generator.next()))
    }

    package init?(_ text: String) {
        guard text.utf8.count == 32, let bytes = Hex.bytes(text) else { return nil }
        self.init(bytes.span.bytes, at: 0)
    }

    package init(_ bytes: RawSpan, at offset: Int) {
        precondition(offset >= 0 && bytes.byteCount - offset >= 16, "a pack id has 16 bytes")
        words = (
            UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)),
            UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
        )
    }

    public var description: String { Hex.text(words.0) + Hex.text(words.1) }
    public static func == (a: PackID, b: PackID) -> Bool { a.words == b.words }
    public static func < (a: PackID, b: PackID) -> Bool { a.words < b.words }
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
