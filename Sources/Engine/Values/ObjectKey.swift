/// The name of an object at a target: parts of `A–Z a–z 0–9 . _ -`, joined by `/`; no part is empty or starts with a dot.
public struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let text: String

    /// - Throws: `.corrupt` when `text` is no valid key, as a name found at a target may be.
    public init(_ text: String) throws(EngineError) {
        guard Self.isValid(text) else { throw EngineError(.corrupt, "`\(text)` is no valid object name") }
        self.text = text
    }

    package init(trusted text: String) {
        assert(Self.isValid(text))
        self.text = text
    }

    public var description: String { text }
    /// Byte order: keys are ASCII, of which texts are compared byte by byte.
    public static func < (a: ObjectKey, b: ObjectKey) -> Bool { a.text < b.text }

    /// The part after the last slash.
    package var lastPart: String {
        guard let slash = text.utf8.lastIndex(of: Self.slash) else { return text }
        return String(text[text.utf8.index(after: slash)...])
    }

    private static let slash = UInt8(ascii: "/")

    private static func isValid(_ text: String) -> Bool {
        guard text.utf8.count <= 512 else { return false }
        var previous = slash
        for byte in text.utf8 {
            guard previous == slash ? isAllowed(byte) && byte != UInt8(ascii: ".") : byte == slash || isAllowed(byte)
            else { return false }
            previous = byte
        }
        return previous != slash
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            return true
        default: return false
        }
    }
}
