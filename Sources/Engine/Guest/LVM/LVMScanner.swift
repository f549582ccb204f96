/// Cuts LVM2's text into words.
struct LVMScanner {
    enum Token: Equatable {
        /// A name or a number.
        case word(String)
        /// What stood in quotes.
        case text(String)
        /// One of `{ } [ ] = ,`.
        case mark(UInt8)
    }

    static let damaged = EngineError(.corrupt, "the metadata of LVM is damaged")

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Nil at the end.
    mutating func next() throws(EngineError) -> Token? {
        skipBlanks()
        guard position < bytes.count, bytes[position] != 0 else { return nil }
        let byte = bytes[position]
        if Array("{}[]=,".utf8).contains(byte) {
            position += 1
            return .mark(byte)
        }
        if byte == UInt8(ascii: "\"") { return .text(try quoted()) }
        let start = position
        while position < bytes.count, Self.isWord(bytes[position]) { position += 1 }
        guard position > start else { throw Self.damaged }
        return .word(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "#") {
                while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
            } else if [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func quoted() throws(EngineError) -> String {
        var text: [UInt8] = []
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == UInt8(ascii: "\\") { position += 1 }
            guard position < bytes.count else { break }
            text.append(bytes[position])
            position += 1
        }
        guard position < bytes.count else { throw Self.damaged }
        position += 1
        return String(decoding: text, as: UTF8.self)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            return true
        default: return Array("_-.+@".utf8).contains(byte)
        }
    }
}
