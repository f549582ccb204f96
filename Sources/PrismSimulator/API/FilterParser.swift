/// Reads the text of an OData `$filter`.
struct FilterParser {
    /// What was wrong with the expression.
    struct Failure: Error, Equatable { var reason: String }

    private enum Token: Equatable {
        case word(String)
        case text(String)
        case number(Int)
        case symbol(Character)
    }

    private let tokens: [Token]
    private var position = 0

    /// The expression; hostile text never traps and never nests deeper than its tokens allow.
    static func parse(_ text: String) throws(Failure) -> Filter {
        guard text.utf8.count <= 4096 else { throw Failure(reason: "the expression is too long") }
        var parser = FilterParser(tokens: try tokens(of: text))
        let filter = try parser.disjunction(depth: 0)
        guard parser.position == parser.tokens.count else { throw Failure(reason: "text after the expression") }
        return filter
    }

    private init(tokens: [Token]) { self.tokens = tokens }

    private static func tokens(of text: String) throws(Failure) -> [Token] {
        var tokens: [Token] = []
        var rest = Substring(text)
        while let first = rest.first {
            if first == " " {
                rest.removeFirst()
            } else if first == "'" {
                tokens.append(.text(try quoted(&rest)))
            } else if "(),:/".contains(first) {
                tokens.append(.symbol(first))
                rest.removeFirst()
            } else {
                let word = rest.prefix { !" (),:/'".contains($0) }
                rest = rest.dropFirst(word.count)
                // An enum literal, such as Some.Namespace.Type'VALUE': only the value counts.
                if rest.first == "'", word.contains(".") {
                    tokens.append(.text(try quoted(&rest)))
                } else if let number = Int(word) {
                    tokens.append(.number(number))
                } else {
                    tokens.append(.word(String(word)))
                }
            }
        }
        return tokens
    }

    private static func quoted(_ rest: inout Substring) throws(Failure) -> String {
        rest.removeFirst()
        var output = ""
        while let character = rest.popFirst() {
            if character != "'" {
                output.append(character)
            } else if rest.first == "'" {
                rest.removeFirst()
                output.append("'")
            } else {
                return output
            }
        }
        throw Failure(reason: "a quote is not closed")
    }

    private var next: Token? { position < tokens.count ? tokens[position] : nil }

    private mutating func take(_ token: Token) -> Bool {
        guard next == token else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ symbol: Character) throws(Failure) {
        if !take(.symbol(symbol)) { throw Failure(reason: "expected \(symbol)") }
    }

    private mutating func disjunction(depth: Int) throws(Failure) -> Filter {
        var left = try conjunction(depth: depth)
        while take(.word("or")) { left = .or(left, try conjunction(depth: depth)) }
        return left
    }

    private mutating func conjunction(depth: Int) throws(Failure) -> Filter {
        var left = try term(depth: depth)
        while take(.word("and")) { left = .and(left, try term(depth: depth)) }
        return left
    }

    private mutating func term(depth: Int) throws(Failure) -> Filter {
        guard depth < 32 else { throw Failure(reason: "nested too deeply") }
        if take(.word("not")) { return .not(try term(depth: depth + 1)) }
        if take(.symbol("(")) {
            let inner = try disjunction(depth: depth + 1)
            try expect(")")
            return inner
        }
        guard case .word(let name)? = next else { throw Failure(reason: "expected a field name") }
        if let test = Filter.TextTest(rawValue: name), position + 1 < tokens.count, tokens[position + 1] == .symbol("(")
        {
            return try textTest(test)
        }
        return try pathTerm(depth: depth)
    }

    private mutating func textTest(_ test: Filter.TextTest) throws(Failure) -> Filter {
        position += 2
        let path = try path()
        try expect(",")
        guard case .text(let piece)? = next else { throw Failure(reason: "expected a quoted text") }
        position += 1
        try expect(")")
        return .text(test, path, piece)
    }

    private mutating func pathTerm(depth: Int) throws(Failure) -> Filter {
        var path = try path()
        if path.last == "any", take(.symbol("(")) {
            path.removeLast()
            if take(.symbol(")")) { return .any(path, variable: "", nil) }
            guard case .word(let variable)? = next else { throw Failure(reason: "expected a lambda variable") }
            position += 1
            try expect(":")
            let inner = try disjunction(depth: depth + 1)
            try expect(")")
            return .any(path, variable: variable, inner)
        }
        guard case .word(let name)? = next else { throw Failure(reason: "expected an operator") }
        position += 1
        if name == "in" { return .oneOf(path, try literals()) }
        guard let comparison = Filter.Comparison(rawValue: name) else {
            throw Failure(reason: "\(name) is not an operator")
        }
        return .compare(path, comparison, try literal())
    }

    private mutating func path() throws(Failure) -> [String] {
        var names: [String] = []
        repeat {
            guard case .word(let name)? = next else { throw Failure(reason: "expected a field name") }
            names.append(name)
            position += 1
        } while take(.symbol("/"))
        return names
    }

    private mutating func literals() throws(Failure) -> [JSONValue] {
        try expect("(")
        var values = [try literal()]
        while take(.symbol(",")) { values.append(try literal()) }
        try expect(")")
        return values
    }

    private mutating func literal() throws(Failure) -> JSONValue {
        guard let token = next else { throw Failure(reason: "a value is missing") }
        position += 1
        switch token {
        case .text(let text): return .string(text)
        case .number(let number): return .int(number)
        case .word("true"): return .bool(true)
        case .word("false"): return .bool(false)
        case .word("null"): return .null
        case .word(let word): return .string(try moment(startingWith: word))
        case .symbol(let symbol): throw Failure(reason: "unexpected \(symbol)")
        }
    }

    /// A bare time holds colons, which are tokens of their own: puts it together again.
    private mutating func moment(startingWith word: String) throws(Failure) -> String {
        var text = word
        while take(.symbol(":")) {
            text += ":"
            switch next {
            case .word(let more)?: text += more
            case .number(let more)?: text += more < 10 ? "0\(more)" : "\(more)"
            default: throw Failure(reason: "a value is cut off")
            }
            position += 1
        }
        guard Timestamp(text) != nil else { throw Failure(reason: "\(text) is neither quoted nor a time") }
        return text
    }
}
