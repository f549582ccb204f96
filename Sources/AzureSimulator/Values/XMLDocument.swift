/// Reads the small XML documents that requests carry: elements and text, no mixed content.
struct XMLDocument {
    /// An element: its children in order, and the text directly in it.
    struct Element {
        var name: String
        var text = ""
        var children: [Element] = []

        /// The text of the first child of that name.
        func text(of child: String) -> String? { children.first { $0.name == child }?.text }
    }

    private var rest: Substring
    private static let deepest = 16

    /// - Throws: `AzureError.invalidXML`.
    static func parse(_ bytes: some Sequence<UInt8>) throws(AzureError) -> Element {
        guard let text = String(validating: Array(bytes), as: UTF8.self) else { throw .invalidXML }
        var document = XMLDocument(rest: Substring(text))
        if document.rest.unicodeScalars.first == "\u{FEFF}" { document.rest.unicodeScalars.removeFirst() }
        try document.skipProlog()
        guard document.take("<") else { throw .invalidXML }
        let element = try document.element(depth: 0)
        document.skipBlanks()
        guard document.rest.isEmpty else { throw .invalidXML }
        return element
    }

    private mutating func skipProlog() throws(AzureError) {
        skipBlanks()
        while rest.hasPrefix("<?") || rest.hasPrefix("<!--") {
            try skip(past: rest.hasPrefix("<?") ? "?>" : "-->")
            skipBlanks()
        }
    }

    private mutating func skip(past end: String) throws(AzureError) {
        guard let range = rest.firstRange(of: end) else { throw .invalidXML }
        rest = rest[range.upperBound...]
    }

    private mutating func skipBlanks() { rest = rest.drop { $0.isWhitespace } }

    private mutating func take(_ text: String) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        return true
    }

    /// What follows an opening `<`.
    private mutating func element(depth: Int) throws(AzureError) -> Element {
        guard depth < Self.deepest, let close = rest.firstIndex(of: ">") else { throw .invalidXML }
        var head = rest[..<close]
        rest = rest[rest.index(after: close)...]
        let isShort = head.last == "/"
        if isShort { head.removeLast() }
        let name = String(head.prefix { !$0.isWhitespace })
        guard let first = name.first, first.isLetter || first == "_" else { throw .invalidXML }
        var element = Element(name: name)
        if isShort { return element }
        while true {
            guard let mark = rest.firstIndex(of: "<") else { throw .invalidXML }
            element.text += try Self.unescape(rest[..<mark])
            rest = rest[rest.index(after: mark)...]
            if take("/") {
                guard take(name) else { throw .invalidXML }
                skipBlanks()
                guard take(">") else { throw .invalidXML }
                return element
            }
            if take("!--") {
                try skip(past: "-->")
            } else {
                element.children.append(try self.element(depth: depth + 1))
            }
        }
    }

    private static func unescape(_ text: Substring) throws(AzureError) -> String {
        guard text.contains("&") else { return String(text) }
        var output = ""
        var rest = text
        while let mark = rest.firstIndex(of: "&") {
            output += rest[..<mark]
            guard let end = rest[mark...].firstIndex(of: ";") else { throw .invalidXML }
            let name = rest[rest.index(after: mark)..<end]
            guard let character = character(name) else { throw .invalidXML }
            output.append(character)
            rest = rest[rest.index(after: end)...]
        }
        return output + rest
    }

    private static func character(_ name: Substring) -> Character? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.first == "#" else { return nil }
            let digits = name.dropFirst()
            let number = digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return number.flatMap(Unicode.Scalar.init).map(Character.init)
        }
    }
}
