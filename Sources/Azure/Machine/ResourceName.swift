import Engine

/// Names that Azure takes.
enum ResourceName {
    /// - Throws: `.configuration` saying what is wrong.
    static func check(_ name: String, of kind: ResourceKind) throws(EngineError) {
        let isPlain = name.utf8.allSatisfy { isLetter($0) || "_.-".utf8.contains($0) }
        guard isPlain, (1...kind.longestName).contains(name.utf8.count), let first = name.utf8.first,
            isLetter(first), let last = name.utf8.last, isLetter(last) || last == UInt8(ascii: "_")
        else {
            throw EngineError(
                .configuration,
                "`\(name)` cannot be the name of a \(kind.title): at most \(kind.longestName) letters, digits, `_`, `.` and "
                    + "`-`, a letter or digit first, and no `.` or `-` last")
        }
    }

    /// - Throws: `.configuration`.
    static func check(group name: String) throws(EngineError) {
        let isPlain = name.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType == .decimal || "-_.()".unicodeScalars.contains($0)
        }
        guard isPlain, (1...90).contains(name.count), name.last != "." else {
            throw EngineError(
                .configuration,
                "`resourceGroup`: `\(name)`: at most 90 letters, digits and `-_.()`, and no `.` at the end")
        }
    }

    /// A name for a VM like `text`: what Azure does not take becomes a hyphen.
    static func plain(_ text: String) -> String {
        var bytes = text.map { character in
            character.asciiValue.flatMap { isLetter($0) || "_.-".utf8.contains($0) ? $0 : nil } ?? UInt8(ascii: "-")
        }
        bytes = Array(bytes.drop { !isLetter($0) }.prefix(50))
        while let last = bytes.last, !isLetter(last) { bytes.removeLast() }
        return bytes.isEmpty ? "vm" : String(decoding: bytes, as: UTF8.self)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
