/// One object type of the API: its members, their shapes and the version that brought them.
struct ObjectType: Sendable {
    var name: String
    var members: [String: Member]

    struct Member: Sendable {
        /// The minor version of the namespace that has this member first.
        var since: Int
        var shape: Shape
    }

    struct Arm: Sendable {
        var name: String
        var since: Int
    }

    indirect enum Shape: Sendable {
        case text
        case integer
        case boolean
        case anything
        case object(String)
        /// A oneOf: `$objectType` selects the class, so it must always be sent.
        case oneOf([Arm])
        case list(Shape)
    }

    /// The `$fv` of the type: namespace types carry the minor version, common ones do not.
    static func revision(of name: String, minor: Int) -> String {
        name.hasPrefix("common.v1") ? "v1.r0" : "v4.r\(minor)"
    }
}

extension ObjectType {
    /// Reads a table of types, one a line: `Name: member member@minor member:shape …`.
    ///
    /// A line that starts with a blank continues the one before. Shapes: nothing is text, `#` an integer, `?` a
    /// boolean, `*` anything, `Type` an object, `A|B@1` and `!A` a oneOf, `[…]` a list. A name without a dot is
    /// taken relative to `prefix`.
    static func table(_ prefix: String, _ text: String) -> [ObjectType] {
        var lines: [String] = []
        for line in text.split(separator: "\n") {
            if line.first == " ", let last = lines.indices.last {
                lines[last] += line
            } else {
                lines.append(String(line))
            }
        }
        return lines.map { line in
            let halves = line.split(separator: ":", maxSplits: 1)
            let tokens = halves.count > 1 ? halves[1].split(separator: " ") : []
            var members: [String: Member] = [:]
            for token in tokens {
                let parts = token.split(separator: ":", maxSplits: 1)
                let (name, since) = versioned(parts[0])
                members[name] = Member(since: since, shape: shape(parts.count > 1 ? parts[1] : "", prefix))
            }
            return ObjectType(name: absolute(halves[0], prefix), members: members)
        }
    }

    private static func absolute(_ name: Substring, _ prefix: String) -> String {
        name.contains(".") ? String(name) : "\(prefix).\(name)"
    }

    private static func versioned(_ text: Substring) -> (String, Int) {
        let parts = text.split(separator: "@")
        return (String(parts[0]), parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    }

    private static func shape(_ text: Substring, _ prefix: String) -> Shape {
        switch text {
        case "": return .text
        case "#": return .integer
        case "?": return .boolean
        case "*": return .anything
        default: break
        }
        if text.hasPrefix("["), text.hasSuffix("]") { return .list(shape(text.dropFirst().dropLast(), prefix)) }
        if text.hasPrefix("!") || text.contains("|") {
            return .oneOf(
                text.drop { $0 == "!" }.split(separator: "|").map { arm in
                    let (name, since) = versioned(arm)
                    return Arm(name: absolute(Substring(name), prefix), since: since)
                })
        }
        return .object(absolute(text, prefix))
    }
}
