import Engine

/// Reads JSON text. Answers of Prism list up to ten thousand regions at a time, so it goes over the bytes once.
///
/// Nesting is limited, numbers beyond 64 bits become floating point, of two members with one name the last counts.
struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0
    private static let deepest = 100

    private struct Malformed: Error {
        let reason: String
        let offset: Int
    }

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// - Throws: `invalid` with the offset of the first byte that does not fit.
    static func parse(_ bytes: [UInt8]) throws(PrismError) -> JSONValue {
        var reader = JSONReader(bytes)
        do throws(Malformed) {
            let value = try reader.value()
            reader.skipSpace()
            guard reader.position == bytes.count else { throw reader.malformed("text behind the end") }
            return value
        } catch {
            throw PrismError(.failed, "an answer of Prism is not JSON: \(error.reason) at byte \(error.offset)")
        }
    }

    private func malformed(_ reason: String) -> Malformed { Malformed(reason: reason, offset: position) }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[position]) { position += 1 }
    }

    private mutating func next() throws(Malformed) -> UInt8 {
        guard position < bytes.count else { throw malformed("it ends too soon") }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func value() throws(Malformed) -> JSONValue {
        skipSpace()
        let first = try next()
        switch first {
        case UInt8(ascii: "{"): return try nested { (reader) throws(Malformed) in try reader.object() }
        case UInt8(ascii: "["): return try nested { (reader) throws(Malformed) in try reader.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("rue", .bool(true))
        case UInt8(ascii: "f"): return try word("alse", .bool(false))
        case UInt8(ascii: "n"): return try word("ull", .null)
        default:
            position -= 1
            return try number()
        }
    }

    private mutating func nested(
        _ body: (inout JSONReader) throws(Malformed) -> JSONValue
    ) throws(Malformed) -> JSONValue {
        guard depth < Self.deepest else { throw malformed("nested too deeply") }
        depth += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func word(_ rest: StaticString, _ value: JSONValue) throws(Malformed) -> JSONValue {
        for index in 0..<rest.utf8CodeUnitCount where try next() != rest.utf8Start[index] {
            throw malformed("an unknown word")
        }
        return value
    }

    private mutating func object() throws(Malformed) -> JSONValue {
        var members: [String: JSONValue] = [:]
        skipSpace()
        if position < bytes.count, bytes[position] == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            skipSpace()
            guard try next() == UInt8(ascii: "\"") else { throw malformed("a member without a name") }
            let name = try string()
            skipSpace()
            guard try next() == UInt8(ascii: ":") else { throw malformed("a member without a colon") }
            members[name] = try value()
            skipSpace()
            switch try next() {
            case UInt8(ascii: ","): continue
            case UInt8(ascii: "}"): return .object(members)
            default: throw malformed("no comma between members")
            }
        }
    }

    private mutating func array() throws(Malformed) -> JSONValue {
        var items: [JSONValue] = []
        skipSpace()
        if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
            position += 1
            return .array(items)
        }
        while true {
            items.append(try value())
            skipSpace()
            switch try next() {
            case UInt8(ascii: ","): continue
            case UInt8(ascii: "]"): return .array(items)
            default: throw malformed("no comma between items")
            }
        }
    }

    private mutating func number() throws(Malformed) -> JSONValue {
        let start = position
        let signs = Set("+-.eE".utf8)
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) || signs.contains(bytes[position]) {
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw malformed("no value") }
        return .number(number)
    }

    private mutating func string() throws(Malformed) -> String {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") {
            position += 1
        }
        guard position < bytes.count else { throw malformed("a text without end") }
        var units = Array(bytes[start..<position])
        while true {
            let unit = try next()
            switch unit {
            case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
            case UInt8(ascii: "\\"): units.append(contentsOf: try escape())
            default: units.append(unit)
            }
        }
    }

    private mutating func escape() throws(Malformed) -> [UInt8] {
        switch try next() {
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "\""): return [UInt8(ascii: "\"")]
        case UInt8(ascii: "\\"): return [UInt8(ascii: "\\")]
        case UInt8(ascii: "/"): return [UInt8(ascii: "/")]
        case UInt8(ascii: "u"): return Array(String(Character(try unicode())).utf8)
        default: throw malformed("an unknown escape")
        }
    }

    private mutating func unicode() throws(Malformed) -> Unicode.Scalar {
        let high = try hexadecimal()
        if let scalar = Unicode.Scalar(high) { return scalar }
        let isPair =
            (0xd800..<0xdc00).contains(high) && position + 6 <= bytes.count
            && bytes[position] == UInt8(ascii: "\\") && bytes[position + 1] == UInt8(ascii: "u")
        guard isPair else { return "\u{fffd}" }
        position += 2
        let low = try hexadecimal()
        guard (0xdc00..<0xe000).contains(low) else { return "\u{fffd}" }
        return Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00)) ?? "\u{fffd}"
    }

    private mutating func hexadecimal() throws(Malformed) -> UInt32 {
        guard position + 4 <= bytes.count,
            let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw malformed("an escape cut short") }
        position += 4
        return value
    }
}
