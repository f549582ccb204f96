/// The id of a restore point: its time in UTC, two characters for the milliseconds and six random ones,
/// `20261122-183045-k3f9x2mq`.
///
/// Ids sort by time, even those of one second, and people can type a prefix of one.
public struct RestorePointID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let text: String

    /// - Throws: `.corrupt` when `text` has not the form of an id.
    public init(_ text: String) throws(EngineError) {
        guard Self.isValid(text) else { throw EngineError(.corrupt, "`\(text)` is no restore point id") }
        self.text = text
    }

    package init(at time: Timestamp, using generator: inout some RandomNumberGenerator) {
        let letters = Array("0123456789abcdefghjkmnpqrstvwxyz")
        let millisecond = Int(time.milliseconds % 1000 + 1000) % 1000
        let random = generator.next()
        let suffix =
            [letters[millisecond >> 5], letters[millisecond & 31]]
            + (0..<6).map { letters[Int(random >> (5 * $0) & 31)] }
        text = time.compact + "-" + String(suffix)
    }

    public var description: String { text }
    public static func < (a: RestorePointID, b: RestorePointID) -> Bool { a.text < b.text }

    private static func isValid(_ text: String) -> Bool {
        guard text.utf8.count == 24 else { return false }
        return text.utf8.enumerated().allSatisfy { position, byte in
            switch position {
            case 8, 15: byte == UInt8(ascii: "-")
            case ..<15: isDigit(byte)
            default: isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

extension RestorePointID: Codable {
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
