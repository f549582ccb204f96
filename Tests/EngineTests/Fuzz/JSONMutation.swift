/// A change to JSON text that leaves most of it JSON.
enum JSONMutation: CaseIterable, Sendable {
    case number, word, text, nesting, removal, repetition, escape

    func apply(to bytes: inout [UInt8], using generator: inout SeededGenerator) {
        var tokens = Self.tokens(of: bytes)
        guard !tokens.isEmpty else { return }
        let place = Int.random(in: 0..<tokens.count, using: &generator)
        let values = tokens.indices.filter { Self.isValue(tokens[$0]) }
        let value = values.randomElement(using: &generator) ?? place
        switch self {
        case .number: tokens[value] = Array((Self.numbers.randomElement(using: &generator) ?? "0").utf8)
        case .word: tokens[value] = Array((Self.words.randomElement(using: &generator) ?? "null").utf8)
        case .text:
            let count = [0, 1, 63, 64, 65, 5000].randomElement(using: &generator) ?? 0
            tokens[value] =
                [0x22] + [UInt8](repeating: UInt8.random(in: 0x30...0x7A, using: &generator), count: count) + [0x22]
        case .nesting:
            let depth = [1, 10, 500, 600, 5000].randomElement(using: &generator) ?? 1
            let (opening, closing) = Bool.random(using: &generator) ? ("[", "]") : ("{\"a\":", "}")
            tokens[value] = Array((String(repeating: opening, count: depth) + "1").utf8)
            tokens[value] += Array(String(repeating: closing, count: depth).utf8)
        case .removal: tokens.remove(at: place)
        case .repetition: tokens.insert(tokens[place], at: place)
        case .escape:
            tokens[value] = Array((Self.escapes.randomElement(using: &generator) ?? "\"\"").utf8)
        }
        bytes = Array(tokens.joined())
    }

    private static let numbers = [
        "0", "-0", "-1", "1e400", "1e-400", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
        "18446744073709551615", "18446744073709551616", "0.5", "4294967296", "65536", "00", "1e", "NaN", "512", "511",
    ]
    private static let words = ["null", "true", "false", "{}", "[]", "\"\"", "nul", "[{}]"]
    private static let escapes = [
        "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\x\"", "\"../../../etc/passwd\"", "\"\\n\\n\"",
        "\"none\"", "\"9999-99-99T99:99:99Z\"", "\"0000-01-01T00:00:00Z\"", "\"20261122-183045-k3f9x2mq\"",
    ]

    private static func isValue(_ token: [UInt8]) -> Bool {
        guard let first = token.first else { return false }
        return first == 0x22 || first == 0x2D || (0x30...0x39).contains(first) || first == 0x74 || first == 0x66
    }

    /// Texts, numbers and words whole, everything else byte by byte.
    private static func tokens(of bytes: [UInt8]) -> [[UInt8]] {
        var tokens: [[UInt8]] = []
        var position = 0
        while position < bytes.count {
            var end = position + 1
            if bytes[position] == 0x22 {
                while end < bytes.count, bytes[end] != 0x22 || bytes[end - 1] == 0x5C { end += 1 }
                end = min(end + 1, bytes.count)
            } else if isWord(bytes[position]) {
                while end < bytes.count, isWord(bytes[end]) { end += 1 }
            }
            tokens.append(Array(bytes[position..<end]))
            position = end
        }
        return tokens
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2E || byte == 0x2B
    }
}
