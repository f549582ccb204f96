/// All object types the simulator knows: checks what requests send and dresses what answers give.
struct Schema: Sendable {
    private let types: [String: ObjectType]

    static let prism = Schema(
        commonTypes + virtualMachineTypes + recoveryPointTypes + volumeTypes + inventoryTypes)

    private init(_ types: [ObjectType]) {
        self.types = Dictionary(types.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(_ name: String) -> ObjectType? { types[name] }

    /// One reason why a request body does not fit.
    struct Violation: Sendable {
        var path: String
        var message: String
    }

    // MARK: Requests

    /// What is wrong with a request body of that type at that minor version; empty when it fits.
    func violations(of body: JSONValue, type name: String, minor: Int) -> [Violation] {
        var found: [Violation] = []
        check(body, object: name, minor: minor, path: "", into: &found)
        return found
    }

    private func check(
        _ value: JSONValue, object name: String, minor: Int, path: String, into found: inout [Violation]
    ) {
        guard case .object(let members) = value else {
            found.append(Violation(path: path, message: "an object of type \(name) is expected"))
            return
        }
        if let sent = value["$objectType"]?.string, sent != name {
            found.append(Violation(path: path + "/$objectType", message: "\(sent) is not \(name)"))
        }
        guard let type = types[name] else { return }
        for (member, content) in members where !["$objectType", "$reserved", "$unknownFields"].contains(member) {
            if member.hasPrefix("$") && member.hasSuffix("Discriminator") { continue }
            let place = "\(path)/\(member)"
            guard let known = type.members[member], known.since <= minor else {
                found.append(Violation(path: place, message: "unknown member \(member) of \(name) in v4.\(minor)"))
                continue
            }
            if content != .null { check(content, known.shape, minor: minor, path: place, into: &found) }
        }
    }

    private func check(
        _ value: JSONValue, _ shape: ObjectType.Shape, minor: Int, path: String, into found: inout [Violation]
    ) {
        switch (shape, value) {
        case (.anything, _), (.text, .string), (.boolean, .bool): break
        case (.integer, _) where value.int != nil: break
        case (.text, _): found.append(Violation(path: path, message: "a string is expected"))
        case (.boolean, _): found.append(Violation(path: path, message: "a boolean is expected"))
        case (.integer, _): found.append(Violation(path: path, message: "an integer is expected"))
        case (.object(let name), _): check(value, object: name, minor: minor, path: path, into: &found)
        case (.oneOf(let arms), _): check(value, arms: arms, minor: minor, path: path, into: &found)
        case (.list(let element), .array(let elements)):
            for (index, item) in elements.enumerated() {
                check(item, element, minor: minor, path: "\(path)/\(index)", into: &found)
            }
        case (.list, _): found.append(Violation(path: path, message: "a list is expected"))
        }
    }

    private func check(
        _ value: JSONValue, arms: [ObjectType.Arm], minor: Int, path: String, into found: inout [Violation]
    ) {
        guard let sent = value["$objectType"]?.string else {
            found.append(Violation(path: path, message: "$objectType is missing: it selects the class of this member"))
            return
        }
        guard arms.contains(where: { $0.name == sent && $0.since <= minor }) else {
            found.append(Violation(path: path + "/$objectType", message: "\(sent) is not allowed here in v4.\(minor)"))
            return
        }
        check(value, object: sent, minor: minor, path: path, into: &found)
    }

    // MARK: Answers

    /// Gives a value the reserved members a real server sends, and takes away what the version does not know.
    ///
    /// - Parameter typed: false inside a nested list, from its second element on: those carry no type.
    func dressed(_ value: JSONValue, as name: String, minor: Int, typed: Bool = true) -> JSONValue {
        guard case .object(let members) = value else { return value }
        var output: [String: JSONValue] = [:]
        for (member, content) in members where !member.hasPrefix("$") && content != .null {
            guard let known = types[name]?.members[member] else {
                output[member] = content
                continue
            }
            if known.since <= minor { output[member] = dressed(content, known.shape, minor: minor) }
        }
        if typed {
            output["$objectType"] = .string(name)
            output["$reserved"] = ["$fv": .string(ObjectType.revision(of: name, minor: minor))]
        }
        return .object(output)
    }

    private func dressed(_ value: JSONValue, _ shape: ObjectType.Shape, minor: Int, typed: Bool = true) -> JSONValue {
        switch shape {
        case .object(let name): return dressed(value, as: name, minor: minor, typed: typed)
        case .oneOf(let arms):
            let name = value["$objectType"]?.string ?? arms[0].name
            return dressed(value, as: name, minor: minor)
        case .list(let element):
            return .array(
                value.elements.enumerated().map { index, item in
                    dressed(item, element, minor: minor, typed: index == 0)
                })
        default: return value
        }
    }
}
