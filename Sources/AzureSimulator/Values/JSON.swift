#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A value of JSON, as the requests and resources of Azure Resource Manager are made of.
enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Int)
    case fraction(Double)
    case text(String)
    case array([JSON])
    case object([String: JSON])

    /// The member of a name; null where there is none.
    subscript(_ name: String) -> JSON {
        get {
            guard case .object(let members) = self else { return .null }
            return members[name] ?? .null
        }
        set {
            guard case .object(var members) = self else { return }
            members[name] = newValue == .null ? nil : newValue
            self = .object(members)
        }
    }

    /// What is found by one name after the other.
    subscript(_ first: String, _ more: String...) -> JSON {
        more.reduce(self[first]) { $0[$1] }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Int? { if case .number(let number) = self { number } else { nil } }
    /// A number, whole or not.
    var real: Double? { if case .fraction(let fraction) = self { fraction } else { number.map(Double.init) } }
    var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    var isNull: Bool { self == .null }

    /// The values of an array; none where it is none.
    var values: [JSON] { if case .array(let values) = self { values } else { [] } }

    /// The members of an object; none where it is none.
    var members: [String: JSON] { if case .object(let members) = self { members } else { [:] } }

    /// - Throws: `AzureError` `InvalidRequestContent`.
    static func parse(_ bytes: [UInt8]) throws(AzureError) -> JSON {
        if bytes.isEmpty { return .null }
        do {
            return try JSONDecoder().decode(JSON.self, from: Data(bytes))
        } catch {
            throw AzureError(
                400, "InvalidRequestContent", "The request content was invalid and could not be deserialized.")
        }
    }

    /// Members in the order of their names.
    var bytes: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map(Array.init) ?? []
    }
}

extension JSON: Codable {
    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let flag = try? value.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? value.decode(Int.self) {
            self = .number(number)
        } else if let fraction = try? value.decode(Double.self) {
            self = .fraction(fraction)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let values = try? value.decode([JSON].self) {
            self = .array(values)
        } else {
            self = .object(try value.decode([String: JSON].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .bool(let flag): try value.encode(flag)
        case .number(let number): try value.encode(number)
        case .fraction(let fraction): try value.encode(fraction)
        case .text(let text): try value.encode(text)
        case .array(let values): try value.encode(values)
        case .object(let members): try value.encode(members)
        }
    }
}

extension JSON: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .number(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(arrayLiteral elements: JSON...) { self = .array(elements) }

    /// Members that are null are left out.
    init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements.filter { !$0.1.isNull }, uniquingKeysWith: { $1 }))
    }
}
