/// Tells code from comments and string literals.
enum SwiftText {
    /// `text` with every byte of a comment or a literal's content replaced by a space; line breaks stay.
    static func code(of text: String) -> String {
        var scanner = Scanner(rest: Array(text.utf8))
        return scanner.run()
    }

    /// The identifiers and keywords of code, in order.
    static func words(of code: String) -> [String] {
        code.utf8.split { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                false
            default: true
            }
        }.map { String(decoding: $0, as: UTF8.self) }
    }

    private struct Scanner {
        let rest: [UInt8]
        var position = 0
        var output: [UInt8] = []

        /// What a comment or a literal can start with.
        private static let starters = Array("/#\"".utf8)

        init(rest: [UInt8]) { self.rest = rest }

        mutating func run() -> String {
            while position < rest.count {
                if !Self.starters.contains(rest[position]) {
                    keep()
                } else if at("//") {
                    blank { scanner in scanner.rest[scanner.position] == UInt8(ascii: "\n") }
                } else if at("/*") {
                    blankBlockComment()
                } else if let hashes = literalStart() {
                    blankLiteral(hashes: hashes)
                } else {
                    keep()
                }
            }
            return String(decoding: output, as: UTF8.self)
        }

        private func at(_ word: String) -> Bool {
            var index = position
            for byte in word.utf8 {
                guard index < rest.count, rest[index] == byte else { return false }
                index += 1
            }
            return true
        }

        /// The number of `#` before a quote that starts here; nil when no literal does.
        private func literalStart() -> Int? {
            var hashes = 0
            while position + hashes < rest.count, rest[position + hashes] == UInt8(ascii: "#") { hashes += 1 }
            return position + hashes < rest.count && rest[position + hashes] == UInt8(ascii: "\"") ? hashes : nil
        }

        private mutating func blankBlockComment() {
            var depth = 0
            repeat {
                if at("/*") {
                    depth += 1
                    drop(2)
                } else if at("*/") {
                    depth -= 1
                    drop(2)
                } else {
                    drop(1)
                }
            } while depth > 0 && position < rest.count
        }

        private mutating func blankLiteral(hashes: Int) {
            for _ in 0..<hashes { keep() }
            let quote = at("\"\"\"") ? "\"\"\"" : "\""
            for _ in quote { keep() }
            let end = quote + String(repeating: "#", count: hashes)
            let escape = "\\" + String(repeating: "#", count: hashes)
            while position < rest.count, !at(end) {
                if at(escape + "(") {
                    drop(escape.count + 1)
                    keepInterpolation()
                } else {
                    drop(at(escape) ? escape.count + 1 : 1)
                }
            }
            for _ in end where position < rest.count { keep() }
        }

        /// The code of an interpolation up to its closing parenthesis.
        private mutating func keepInterpolation() {
            var depth = 1
            while position < rest.count, depth > 0 {
                if let hashes = literalStart() {
                    blankLiteral(hashes: hashes)
                    continue
                }
                if rest[position] == UInt8(ascii: "(") { depth += 1 }
                if rest[position] == UInt8(ascii: ")") { depth -= 1 }
                if depth == 0 { drop(1) } else { keep() }
            }
        }

        private mutating func blank(until isEnd: (Scanner) -> Bool) {
            while position < rest.count, !isEnd(self) { drop(1) }
        }

        private mutating func keep() {
            output.append(rest[position])
            position += 1
        }

        private mutating func drop(_ count: Int) {
            for _ in 0..<count where position < rest.count {
                output.append(rest[position] == UInt8(ascii: "\n") ? UInt8(ascii: "\n") : UInt8(ascii: " "))
                position += 1
            }
        }
    }
}
