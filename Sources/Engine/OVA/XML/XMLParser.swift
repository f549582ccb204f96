/// Reads an XML document that nobody vouches for: UTF-8, without document types and entities of its own.
///
/// Extensible Markup Language 1.0 and Namespaces in XML 1.0. Nothing is fetched, and nothing grows beyond the text.
package struct XMLParser {
    private let bytes: [UInt8]
    private let what: String
    private var position = 0
    /// Elements that are not ended yet, the outermost first, each with its name as written and the prefixes it declares.
    private var open: [(element: MarkupElement, tag: String, prefixes: [String: String])] = []
    private var root: MarkupElement?
    private var count = 0

    private static let mostBytes = 8 << 20
    private static let deepest = 64
    private static let mostElements = 100_000
    private static let mostAttributes = 128
    private static let xml = "http://www.w3.org/XML/1998/namespace"

    /// The document's root.
    /// - Parameter what: names the document in errors.
    /// - Throws: `.corrupt` with the line; `.unsupported` for document types and other encodings.
    package static func parse(_ bytes: [UInt8], what: String) throws(EngineError) -> MarkupElement {
        guard bytes.count <= mostBytes else { throw EngineError(.unsupported, "\(what) has more than 8 MiB") }
        guard !bytes.starts(with: [0xFE, 0xFF]), !bytes.starts(with: [0xFF, 0xFE]) else {
            throw EngineError(.unsupported, "\(what) is in UTF-16: only UTF-8 can be read")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw EngineError(.corrupt, "\(what) is no UTF-8")
        }
        var parser = XMLParser(bytes: bytes, what: what)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.position = 3 }
        return try parser.document()
    }

    private init(bytes: [UInt8], what: String) {
        self.bytes = bytes
        self.what = what
    }

    private mutating func document() throws(EngineError) -> MarkupElement {
        while position < bytes.count {
            if bytes[position] != UInt8(ascii: "<") {
                try takeText()
            } else if skips("<?") {
                try declaration()
            } else if skips("<!--") {
                guard !(try take(until: "-->")).contains("--") else { throw failure("`--` in a comment") }
            } else if skips("<![CDATA[") {
                try append(try take(until: "]]>"))
            } else if skips("<!") {
                throw EngineError(.unsupported, "\(what), line \(line): document types are not read")
            } else if skips("</") {
                try end()
            } else {
                position += 1
                try start()
            }
        }
        guard let root, open.isEmpty else { throw failure("it ends too early") }
        return root
    }

    // MARK: Elements

    private mutating func start() throws(EngineError) {
        guard root == nil || !open.isEmpty else { throw failure("a second element at the top") }
        guard open.count < Self.deepest else { throw failure("more than \(Self.deepest) elements in each other") }
        count += 1
        guard count <= Self.mostElements else { throw failure("more than \(Self.mostElements) elements") }
        let tag = try name()
        var written: [(name: String, value: String)] = []
        while true {
            let hadBlank = skipBlanks()
            if skips("/>") || peeks(">") { break }
            guard hadBlank else { throw failure("no blank before an attribute") }
            let name = try name()
            _ = skipBlanks()
            guard skips("=") else { throw failure("an attribute without a value") }
            _ = skipBlanks()
            guard !written.contains(where: { $0.name == name }) else { throw failure("the attribute `\(name)` twice") }
            guard written.count < Self.mostAttributes else { throw failure("too many attributes") }
            written.append((name, try value()))
        }
        let isEmpty = !skips(">")
        try begin(tag, written)
        if isEmpty { try close() }
    }

    private mutating func begin(_ tag: String, _ written: [(name: String, value: String)]) throws(EngineError) {
        var prefixes = open.last?.prefixes ?? ["xml": Self.xml]
        for attribute in written {
            if attribute.name == "xmlns" { prefixes[""] = attribute.value }
            if attribute.name.hasPrefix("xmlns:") { prefixes[String(attribute.name.dropFirst(6))] = attribute.value }
        }
        var attributes: [MarkupElement.Attribute] = []
        for (name, value) in written where name != "xmlns" && !name.hasPrefix("xmlns:") {
            let (prefix, local) = try parts(of: name)
            let namespace = prefix.isEmpty ? "" : try self.namespace(prefix, prefixes)
            attributes.append(MarkupElement.Attribute(namespace: namespace, name: local, value: value))
        }
        let (prefix, local) = try parts(of: tag)
        let namespace = prefix.isEmpty ? prefixes[""] ?? "" : try namespace(prefix, prefixes)
        open.append((MarkupElement(namespace: namespace, name: local, attributes: attributes), tag, prefixes))
    }

    private func namespace(_ prefix: String, _ prefixes: [String: String]) throws(EngineError) -> String {
        guard let namespace = prefixes[prefix] else { throw failure("the prefix `\(prefix)` is not declared") }
        return namespace
    }

    private func parts(of name: String) throws(EngineError) -> (prefix: String, local: String) {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else { throw failure("the name `\(name)`") }
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : ("", name)
    }

    private mutating func end() throws(EngineError) {
        let tag = try name()
        _ = skipBlanks()
        guard skips(">"), open.last?.tag == tag else { throw failure("`</\(tag)` ends another element") }
        try close()
    }

    private mutating func close() throws(EngineError) {
        guard let last = open.popLast() else { throw failure("an end without a beginning") }
        if open.isEmpty {
            root = last.element
        } else {
            open[open.count - 1].element.children.append(last.element)
        }
    }

    /// `<?xml …?>` and instructions to others, which mean nothing here.
    private mutating func declaration() throws(EngineError) {
        let text = try take(until: "?>")
        guard text.hasPrefix("xml"), let range = text.firstRange(of: "encoding") else { return }
        let encoding = text[range.upperBound...].drop { " \t\r\n=\"'".contains($0) }.prefix { !"\"'".contains($0) }
        guard ["utf-8", "us-ascii", "ascii"].contains(encoding.lowercased()) else {
            throw EngineError(.unsupported, "\(what) is in \(encoding): only UTF-8 can be read")
        }
    }

    // MARK: Text

    private mutating func takeText() throws(EngineError) {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") { position += 1 }
        try append(try resolved(bytes[start..<position]))
    }

    private mutating func append(_ text: String) throws(EngineError) {
        guard !open.isEmpty else {
            guard text.allSatisfy({ $0.isWhitespace }) else { throw failure("text outside of all elements") }
            return
        }
        open[open.count - 1].element.text += text
    }

    private mutating func value() throws(EngineError) -> String {
        guard position < bytes.count, [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(bytes[position]) else {
            throw failure("a value without quotes")
        }
        let quote = bytes[position]
        let start = position + 1
        guard let end = bytes[start...].firstIndex(of: quote) else { throw failure("a value that does not end") }
        position = end + 1
        guard !bytes[start..<end].contains(UInt8(ascii: "<")) else { throw failure("`<` in a value") }
        return try resolved(bytes[start..<end])
    }

    /// The text with its references replaced.
    private func resolved(_ raw: ArraySlice<UInt8>) throws(EngineError) -> String {
        guard raw.contains(UInt8(ascii: "&")) else { return String(decoding: raw, as: UTF8.self) }
        var text = ""
        var rest = raw
        while let ampersand = rest.firstIndex(of: UInt8(ascii: "&")) {
            text += String(decoding: rest[..<ampersand], as: UTF8.self)
            guard let end = rest[ampersand...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
                throw failure("`&` without a reference")
            }
            text.append(try character(String(decoding: rest[(ampersand + 1)..<end], as: UTF8.self)))
            rest = rest[(end + 1)...]
        }
        return text + String(decoding: rest, as: UTF8.self)
    }

    private func character(_ reference: String) throws(EngineError) -> Character {
        let known: [String: Character] = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'"]
        if let character = known[reference] { return character }
        guard reference.hasPrefix("#") else {
            throw EngineError(.unsupported, "\(what), line \(line): the entity `\(reference)` is not known")
        }
        let digits = reference.dropFirst()
        let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        guard let number, number == 9 || number == 10 || number == 13 || number >= 32,
            let scalar = Unicode.Scalar(number)
        else { throw failure("the character `&\(reference);`") }
        return Character(scalar)
    }

    // MARK: Words

    private mutating func name() throws(EngineError) -> String {
        let start = position
        while position < bytes.count, Self.isNameByte(bytes[position]) { position += 1 }
        let first = start < position ? bytes[start] : 0
        guard start < position, !(0x30...0x39).contains(first), first != UInt8(ascii: "-"), first != UInt8(ascii: ".")
        else { throw failure("a name is missing") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: true
        default:
            byte == UInt8(ascii: ":") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: ".")
        }
    }

    private mutating func skipBlanks() -> Bool {
        let start = position
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
        return position > start
    }

    private func peeks(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        return (0..<count).allSatisfy { bytes[position + $0] == word.utf8Start[$0] }
    }

    private mutating func skips(_ word: StaticString) -> Bool {
        guard peeks(word) else { return false }
        position += word.utf8CodeUnitCount
        return true
    }

    private mutating func take(until word: StaticString) throws(EngineError) -> String {
        let start = position
        while position < bytes.count {
            let end = position
            if skips(word) { return String(decoding: bytes[start..<end], as: UTF8.self) }
            position += 1
        }
        throw failure("it ends too early")
    }

    private var line: Int { bytes.prefix(position).count { $0 == 0x0A } + 1 }

    private func failure(_ text: String) -> EngineError {
        EngineError(.corrupt, "\(what) is no valid XML: line \(line): \(text)")
    }
}
