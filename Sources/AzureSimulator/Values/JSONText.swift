/// Writes the flat JSON objects of token answers.
enum JSONText {
    enum Value: Sendable {
        case text(String)
        case number(Int)
        case numbers([Int])
        case texts([String])
    }

    static func object(_ members: [(String, Value)]) -> String {
        "{" + members.map { "\(quote($0.0)):\(write($0.1))" }.joined(separator: ",") + "}"
    }

    private static func write(_ value: Value) -> String {
        switch value {
        case .text(let text): quote(text)
        case .number(let number): "\(number)"
        case .numbers(let numbers): "[\(numbers.map(String.init).joined(separator: ","))]"
        case .texts(let texts): "[\(texts.map(quote).joined(separator: ","))]"
        }
    }

    static func quote(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
