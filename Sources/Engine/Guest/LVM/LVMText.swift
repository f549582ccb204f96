/// The text that LVM2 keeps its metadata in: sections, numbers, texts and lists of them.
indirect enum LVMText: Sendable, Equatable {
    case number(Int64)
    case text(String)
    case list([LVMText])
    case section([String: LVMText])

    private static let deepest = 8

    subscript(key: String) -> LVMText? {
        guard case .section(let members) = self else { return nil }
        return members[key]
    }

    var members: [String: LVMText] {
        guard case .section(let members) = self else { return [:] }
        return members
    }

    /// At least zero.
    var count: UInt64? {
        guard case .number(let value) = self else { return nil }
        return UInt64(exactly: value)
    }

    var string: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    var items: [LVMText] {
        guard case .list(let items) = self else { return [] }
        return items
    }

    /// - Throws: `.corrupt` when `bytes` are no such text.
    init(parsing bytes: [UInt8]) throws(EngineError) {
        var scanner = LVMScanner(bytes)
        self = .section(try Self.members(&scanner, depth: 0))
    }

    private static func members(_ scanner: inout LVMScanner, depth: Int) throws(EngineError) -> [String: LVMText] {
        guard depth < deepest else { throw LVMScanner.damaged }
        var members: [String: LVMText] = [:]
        while let token = try scanner.next() {
            switch token {
            case .mark(UInt8(ascii: "}")) where depth > 0: return members
            case .word(let name):
                switch try scanner.next() {
                case .mark(UInt8(ascii: "{")):
                    members[name] = .section(try Self.members(&scanner, depth: depth + 1))
                case .mark(UInt8(ascii: "=")): members[name] = try value(&scanner)
                default: throw LVMScanner.damaged
                }
            default: throw LVMScanner.damaged
            }
        }
        guard depth == 0 else { throw LVMScanner.damaged }
        return members
    }

    private static func value(_ scanner: inout LVMScanner) throws(EngineError) -> LVMText {
        guard let token = try scanner.next() else { throw LVMScanner.damaged }
        guard token == .mark(UInt8(ascii: "[")) else { return try single(token) }
        var items: [LVMText] = []
        while let token = try scanner.next() {
            switch token {
            case .mark(UInt8(ascii: "]")): return .list(items)
            case .mark(UInt8(ascii: ",")): continue
            default: items.append(try single(token))
            }
        }
        throw LVMScanner.damaged
    }

    private static func single(_ token: LVMScanner.Token) throws(EngineError) -> LVMText {
        switch token {
        case .text(let text): return .text(text)
        case .word(let word):
            guard let number = Int64(word) else { return .text(word) }
            return .number(number)
        case .mark: throw LVMScanner.damaged
        }
    }
}
