/// Writes an XML document in UTF-8, indented by two blanks.
struct XMLWriter {
    private(set) var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    private var depth = 0

    /// An element with others in it.
    mutating func element(
        _ name: String, _ attributes: [(String, String)] = [], _ body: (inout XMLWriter) throws(EngineError) -> Void
    ) throws(EngineError) {
        line("<\(name)\(Self.text(attributes))>")
        depth += 1
        try body(&self)
        depth -= 1
        line("</\(name)>")
    }

    /// An element with text, or with nothing.
    mutating func element(_ name: String, _ attributes: [(String, String)] = [], text: String? = nil) {
        guard let text else { return line("<\(name)\(Self.text(attributes))/>") }
        line("<\(name)\(Self.text(attributes))>\(Self.escaped(text))</\(name)>")
    }

    private mutating func line(_ line: String) { text += String(repeating: "  ", count: depth) + line + "\n" }

    private static func text(_ attributes: [(String, String)]) -> String {
        attributes.map { " \($0.0)=\"\(escaped($0.1))\"" }.joined()
    }

    /// What XML cannot hold at all becomes a mark of that.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n", "\r": result += "&#\(scalar.value);"
            case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
