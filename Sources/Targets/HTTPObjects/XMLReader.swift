package import Engine

/// Reads a small XML document, strictly: what a store's replies never have (a document type, other encodings than
/// UTF-8) is refused, and size, depth and number of elements are bounded.
///
/// XML 1.0, without the prefixes of namespaces.
package struct XMLReader {
    private static let deepest = 24
    private static let mostElements = 200_000
    private static let mostBytes = 32 << 20

    private let bytes: [UInt8]
    private var position = 0
    private var elements = 0

    /// The document's root.
    /// - Throws: `.corrupt`, saying where.
    package static func read(_ bytes: [UInt8]) throws(EngineError) -> XMLElement {
        guard bytes.count <= mostBytes else { throw EngineError(.corrupt, "the reply's XML is too large") }
        var reader = XMLReader(bytes: bytes)
        return try reader.document()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func document() throws(EngineError) -> XMLElement {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        try skipMiscellany()
        let root = try element(depth: 0)
        try skipMiscellany()
        guard position == bytes.count else { throw wrong("something follows the last element") }
        return root
    }

    /// White space, comments and processing instructions between elements.
    private mutating func skipMiscellany() throws(EngineError) {
        while true {
            skipSpace()
            if at("<?") {
                try skip(past: "?>")
            } else if at("<!--") {
                try skip(past: "-->")
            } else {
                return
            }
        }
    }

    private mutating func element(depth: Int) throws(EngineError) -> XMLElement {
        elements += 1
        guard depth < Self.deepest, elements <= Self.mostElements else { throw wrong("there are too many elements") }
        guard take("<") else { throw wrong("an element is expected") }
        let name = try name()
        let attributes = try attributes()
        if take("/>") { return XMLElement(name: local(name), attributes: attributes, text: "", children: []) }
        guard take(">") else { throw wrong("a tag does not end") }
        var text: [UInt8] = []
        var children: [XMLElement] = []
        while !at("</") {
            if at("<!--") {
                try skip(past: "-->")
            } else if at("<?") {
                try skip(past: "?>")
            } else if take("<![CDATA[") {
                let start = position
                try skip(past: "]]>")
                text += bytes[start..<(position - 3)]
            } else if at("<") {
                children.append(try element(depth: depth + 1))
            } else if position < bytes.count {
                try appendText(to: &text)
            } else {
                throw wrong("`\(name)` does not end")
            }
        }
        position += 2
        guard try self.name() == name else { throw wrong("`\(name)` is ended by another name") }
        skipSpace()
        guard take(">") else { throw wrong("a tag does not end") }
        return XMLElement(name: local(name), attributes: attributes, text: try string(text), children: children)
    }

    private mutating func attributes() throws(EngineError) -> [String: String] {
        var found: [String: String] = [:]
        while true {
            let start = position
            skipSpace()
            guard position < bytes.count else { throw wrong("a tag does not end") }
            if at(">") || at("/>") { return found }
            guard position > start else { throw wrong("white space is missing before an attribute") }
            let name = try name()
            skipSpace()
            guard take("=") else { throw wrong("the attribute `\(name)` has no value") }
            skipSpace()
            guard position < bytes.count, at("\"") || at("'") else { throw wrong("a value is not in quotes") }
            let quote = bytes[position]
            position += 1
            var value: [UInt8] = []
            while position < bytes.count, bytes[position] != quote {
                guard !at("<") else { throw wrong("a `<` is in a value") }
                try appendCharacter(to: &value)
            }
            guard position < bytes.count else { throw wrong("a value does not end") }
            position += 1
            found[local(name)] = try string(value)
        }
    }

    private mutating func appendText(to text: inout [UInt8]) throws(EngineError) {
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") { try appendCharacter(to: &text) }
    }

    private mutating func appendCharacter(to text: inout [UInt8]) throws(EngineError) {
        guard bytes[position] == UInt8(ascii: "&") else {
            text.append(bytes[position])
            position += 1
            return
        }
        let limit = min(bytes.count, position + 12)
        guard let end = bytes[position..<limit].firstIndex(of: UInt8(ascii: ";")) else {
            throw wrong("an `&` begins no entity")
        }
        let name = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
        guard let value = Self.entity(name) else { throw wrong("the entity `\(name)` is unknown") }
        text += Array(value.utf8)
        position = end + 1
    }

    private static func entity(_ name: String) -> String? {
        switch name {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        default:
            let number =
                name.hasPrefix("#x")
                ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
            guard let number, number > 0, let scalar = Unicode.Scalar(number) else { return nil }
            return String(Character(scalar))
        }
    }

    private mutating func name() throws(EngineError) -> String {
        let start = position
        while position < bytes.count, Self.isNameByte(bytes[position]) { position += 1 }
        guard position > start else { throw wrong("a name is expected") }
        return try string(Array(bytes[start..<position]))
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: ":"), 0x80...0xFF:
            true
        default: false
        }
    }

    private func local(_ name: String) -> String {
        name.split(separator: ":").last.map(String.init) ?? name
    }

    private func string(_ bytes: [UInt8]) throws(EngineError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw wrong("the text is no UTF-8") }
        return text
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private func at(_ mark: StaticString) -> Bool {
        let count = mark.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        for index in 0..<count where bytes[position + index] != mark.utf8Start[index] { return false }
        return true
    }

    private mutating func take(_ mark: StaticString) -> Bool {
        guard at(mark) else { return false }
        position += mark.utf8CodeUnitCount
        return true
    }

    private mutating func skip(past mark: StaticString) throws(EngineError) {
        while position < bytes.count {
            if take(mark) { return }
            position += 1
        }
        throw wrong("`\(mark)` is missing")
    }

    private func wrong(_ what: String) -> EngineError {
        EngineError(.corrupt, "the reply is no XML of a store: at byte \(position), \(what)")
    }
}
