/// Writes the XML of answers. Text is escaped; an element without content is written short, as Azure does.
struct XMLText: Sendable {
    /// Azure puts a byte order mark before its documents.
    private(set) var text = "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?>"

    mutating func element(_ name: String, _ value: String, attributes: String = "") {
        text += value.isEmpty ? "<\(name)\(attributes) />" : "<\(name)\(attributes)>\(Self.escape(value))</\(name)>"
    }

    mutating func element(_ name: String, _ value: String?) {
        if let value { element(name, value, attributes: "") }
    }

    mutating func element(_ name: String, attributes: String = "", _ body: (inout XMLText) -> Void) {
        text += "<\(name)\(attributes)>"
        body(&self)
        text += "</\(name)>"
    }

    static func escape(_ value: String) -> String {
        var output = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "\r": output += "&#xD;"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    /// Whether XML 1.0 can carry the text.
    static func canCarry(_ value: String) -> Bool {
        value.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20
                ? scalar.value != 0xFFFE && scalar.value != 0xFFFF : "\t\n\r".unicodeScalars.contains(scalar)
        }
    }
}
