/// An OData `$filter` expression over JSON entities.
indirect enum Filter: Sendable, Equatable {
    case compare([String], Comparison, JSONValue)
    case oneOf([String], [JSONValue])
    case text(TextTest, [String], String)
    case any([String], variable: String, Filter?)
    case not(Filter)
    case and(Filter, Filter)
    case or(Filter, Filter)

    enum Comparison: String, Sendable { case eq, ne, lt, le, gt, ge }
    enum TextTest: String, Sendable { case startswith, endswith, contains }

    /// The member paths the expression reads, without lambda variables, such as `vmRecoveryPoints/vmExtId`.
    var fields: Set<String> {
        switch self {
        case .compare(let path, _, _), .oneOf(let path, _), .text(_, let path, _):
            return [path.joined(separator: "/")]
        case .not(let inner): return inner.fields
        case .and(let left, let right), .or(let left, let right): return left.fields.union(right.fields)
        case .any(let path, let variable, let inner):
            let prefix = path.joined(separator: "/")
            guard let inner else { return [prefix] }
            return Set(
                inner.fields.map { field in
                    let rest = field.split(separator: "/").drop { $0 == variable }
                    return ([prefix] + rest.map(String.init)).joined(separator: "/")
                })
        }
    }

    /// Whether the entity fits.
    func matches(_ entity: JSONValue) -> Bool {
        switch self {
        case .compare(let path, let comparison, let value): return comparison.holds(Self.value(entity, path), value)
        case .oneOf(let path, let values): return values.contains { Comparison.eq.holds(Self.value(entity, path), $0) }
        case .text(let test, let path, let piece):
            guard let text = Self.value(entity, path)?.string else { return false }
            return test.holds(text, piece)
        case .not(let inner): return !inner.matches(entity)
        case .and(let left, let right): return left.matches(entity) && right.matches(entity)
        case .or(let left, let right): return left.matches(entity) || right.matches(entity)
        case .any(let path, let variable, let inner):
            let elements = Self.value(entity, path)?.elements ?? []
            guard let inner else { return !elements.isEmpty }
            return elements.contains { inner.matches(.object([variable: $0])) }
        }
    }

    private static func value(_ entity: JSONValue, _ path: [String]) -> JSONValue? {
        var value: JSONValue? = entity
        for name in path { value = value?[name] }
        return value
    }
}

extension Filter.Comparison {
    func holds(_ left: JSONValue?, _ right: JSONValue) -> Bool {
        if right == .null { return self == .ne ? left != nil : left == nil }
        guard let left else { return self == .ne }
        let order: Int
        if let first = left.string, let second = right.string {
            if let early = Timestamp(first), let late = Timestamp(second) {
                order = early == late ? 0 : early < late ? -1 : 1
            } else {
                order = first == second ? 0 : first < second ? -1 : 1
            }
        } else if let first = left.int, let second = right.int {
            order = first == second ? 0 : first < second ? -1 : 1
        } else if let first = left.bool, let second = right.bool {
            order = first == second ? 0 : 1
        } else {
            return self == .ne
        }
        return switch self {
        case .eq: order == 0
        case .ne: order != 0
        case .lt: order < 0
        case .le: order <= 0
        case .gt: order > 0
        case .ge: order >= 0
        }
    }
}

extension Filter.TextTest {
    func holds(_ text: String, _ piece: String) -> Bool {
        switch self {
        case .startswith: text.hasPrefix(piece)
        case .endswith: text.hasSuffix(piece)
        case .contains: piece.isEmpty || text.contains(piece)
        }
    }
}
