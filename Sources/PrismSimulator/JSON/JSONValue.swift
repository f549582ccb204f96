/// One JSON value. Objects keep no order; the writer sorts their members, so that equal values have equal text.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue {
    /// The member of that name; nil when this is no object, the member is absent or it is null.
    package subscript(_ name: String) -> JSONValue? {
        get {
            guard case .object(let members) = self, let value = members[name], value != .null else { return nil }
            return value
        }
        set {
            guard case .object(var members) = self else { return }
            // Dropping our reference first keeps the dictionary's storage unique, so that it is changed in place.
            self = .null
            members[name] = newValue
            self = .object(members)
        }
    }

    /// The element at that position; nil when this is no list or it is shorter.
    package subscript(_ index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var int: Int? {
        switch self {
        case .int(let value): value
        case .double(let value): Int(exactly: value)
        default: nil
        }
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The elements of a list; empty for everything else.
    package var elements: [JSONValue] {
        if case .array(let value) = self { value } else { [] }
    }

    /// The members of an object; empty for everything else.
    package var members: [String: JSONValue] {
        if case .object(let value) = self { value } else { [:] }
    }

    /// The value at a dotted path of member names.
    package func at(_ path: String) -> JSONValue? {
        var value: JSONValue? = self
        for name in path.split(separator: ".") { value = value?[String(name)] }
        return value
    }

    /// The same object without its absent (null) members; lists and members are cleaned as well.
    package var withoutNulls: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.withoutNulls))
        case .object(let members): .object(members.filter { $0.value != .null }.mapValues(\.withoutNulls))
        default: self
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral, ExpressibleByStringInterpolation
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(nilLiteral: ()) { self = .null }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}

extension JSONValue {
    /// The text, or null.
    package static func optional(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }

    /// The number, or null.
    package static func optional(_ value: Int?) -> JSONValue { value.map(JSONValue.int) ?? .null }
}
