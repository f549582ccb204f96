/// What is wrong with a lab file, and where in it.
package struct LabError: Error, CustomStringConvertible, Sendable {
    var place: String
    var reason: String
    package var description: String { "\(place): \(reason)" }
}

/// Reads the members of one object of a lab file; refuses members that nobody asked for.
struct LabReader {
    private let members: [String: JSONValue]
    private let place: String
    private var read: Set<String> = []

    init(_ value: JSONValue, at place: String) throws(LabError) {
        guard case .object(let members) = value else { throw LabError(place: place, reason: "a mapping is expected") }
        self.members = members
        self.place = place
    }

    func error(_ name: String, _ reason: String) -> LabError { LabError(place: "\(place).\(name)", reason: reason) }

    mutating func value(_ name: String) -> JSONValue? {
        read.insert(name)
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    mutating func text(_ name: String) throws(LabError) -> String? {
        switch value(name) {
        case nil: nil
        case .string(let text)?: text
        case .int(let number)?: String(number)
        case .double(let number)?: String(number)
        default: throw error(name, "a text is expected")
        }
    }

    mutating func text(_ name: String, or standard: String) throws(LabError) -> String { try text(name) ?? standard }

    mutating func required(_ name: String) throws(LabError) -> String {
        guard let text = try text(name) else { throw error(name, "is missing") }
        return text
    }

    mutating func int(_ name: String) throws(LabError) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.int else { throw error(name, "a whole number is expected") }
        return number
    }

    mutating func int(_ name: String, or standard: Int) throws(LabError) -> Int { try int(name) ?? standard }

    mutating func double(_ name: String, or standard: Double) throws(LabError) -> Double {
        switch value(name) {
        case nil: return standard
        case .int(let number)?: return Double(number)
        case .double(let number)?: return number
        default: throw error(name, "a number is expected")
        }
    }

    mutating func bool(_ name: String, or standard: Bool) throws(LabError) -> Bool {
        guard let value = value(name) else { return standard }
        guard let flag = value.bool else { throw error(name, "true or false is expected") }
        return flag
    }

    /// One of the cases of an enumeration, by its raw text.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, or standard: Choice
    ) throws(LabError) -> Choice {
        guard let text = try text(name) else { return standard }
        guard let choice = Choice(rawValue: text) else {
            throw error(name, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    /// Bytes: a number, or a text such as `64GiB`, `10MiB`, `512`.
    mutating func bytes(_ name: String) throws(LabError) -> Int? {
        guard let text = try text(name) else { return nil }
        let digits = text.prefix(while: \.isNumber)
        let units = ["": 0, "B": 0, "KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40]
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let number = Int(digits), let shift = units[String(unit)], number <= Int.max >> (shift + 1) else {
            throw error(name, "a size is expected, such as 10GiB")
        }
        return number << shift
    }

    mutating func texts(_ name: String) throws(LabError) -> [String] {
        guard let value = value(name) else { return [] }
        guard case .array(let elements) = value else { throw error(name, "a list is expected") }
        return try elements.map { (element) throws(LabError) in
            guard let text = element.string else { throw error(name, "a list of texts is expected") }
            return text
        }
    }

    /// Every element of a list of mappings, read by `body`.
    mutating func list<Element>(
        _ name: String, _ body: (inout LabReader) throws(LabError) -> Element
    ) throws(LabError) -> [Element] {
        guard let value = value(name) else { return [] }
        guard case .array(let elements) = value else { throw error(name, "a list is expected") }
        var output: [Element] = []
        for (index, element) in elements.enumerated() {
            var reader = try LabReader(element, at: "\(place).\(name)[\(index)]")
            output.append(try body(&reader))
            try reader.finish()
        }
        return output
    }

    /// The mapping of that name read by `body`; an empty one when it is absent.
    mutating func object<Element>(
        _ name: String, _ body: (inout LabReader) throws(LabError) -> Element
    ) throws(LabError) -> Element {
        var reader = try LabReader(value(name) ?? [:], at: "\(place).\(name)")
        let output = try body(&reader)
        try reader.finish()
        return output
    }

    /// - Throws: when a member is left that nobody read.
    func finish() throws(LabError) {
        for name in members.keys.sorted() where !read.contains(name) { throw error(name, "is not known here") }
    }
}
