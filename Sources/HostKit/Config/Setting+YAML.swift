import Engine
import Yams

extension Setting {
    /// The settings that a YAML document holds.
    ///
    /// - Parameter file: names the document in the places of its values.
    /// - Throws: `.configuration` with the place of what is no YAML, of a key that is given twice and of a key that is
    ///   no text; also for a document that its aliases blow up beyond any sensible size.
    init(yaml text: String, file: String) throws(EngineError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw YAMLConversion.translated(error, file: file)
        }
        var conversion = YAMLConversion(file: file)
        self = try root.map { node throws(EngineError) in try conversion.setting(node) } ?? .empty(at: "\(file):1:1")
    }
}

/// Turns YAML nodes into settings, counting them.
private struct YAMLConversion {
    let file: String
    private var remaining = 100_000

    init(file: String) { self.file = file }

    mutating func setting(_ node: Node) throws(EngineError) -> Setting {
        remaining -= 1
        guard remaining > 0 else {
            throw EngineError(.configuration, "\(file): more values than a configuration can have")
        }
        switch node {
        case .scalar(let scalar): return Setting(Self.shape(scalar), at: place(node))
        case .mapping(let mapping): return Setting(.map(try entries(mapping)), at: place(node))
        case .sequence(let sequence):
            var items: [Setting] = []
            for item in sequence { items.append(try setting(item)) }
            return Setting(.list(items), at: place(node))
        case .alias: throw EngineError(.configuration, "\(place(node)): an alias that leads nowhere")
        }
    }

    private mutating func entries(_ mapping: Node.Mapping) throws(EngineError) -> [Setting.Entry] {
        var entries: [Setting.Entry] = []
        var keys: Set<String> = []
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                throw EngineError(.configuration, "\(place(key)): a key must be a word")
            }
            guard keys.insert(scalar.string).inserted else {
                throw EngineError(.configuration, "\(place(key)): `\(scalar.string)` is given twice")
            }
            entries.append(Setting.Entry(key: scalar.string, place: place(key), value: try setting(value)))
        }
        return entries
    }

    /// Only what is written without quotes can mean "nothing".
    private static func shape(_ scalar: Node.Scalar) -> Setting.Shape {
        let isNull = scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
        return isNull ? .null : .scalar(scalar.string)
    }

    private func place(_ node: Node) -> String {
        node.mark.map { "\(file):\($0.line):\($0.column)" } ?? file
    }

    static func translated(_ error: any Error, file: String) -> EngineError {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return EngineError(.configuration, "\(file):\(mark.line):\(mark.column): \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "`\($0)`" }.joined(separator: ", ")
            return EngineError(
                .configuration, "\(file):\(context.mark.line):\(context.mark.column): \(names) is given twice")
        case .reader(let problem, let offset, _, _):
            return EngineError(.configuration, "\(file): \(problem) at byte \(offset ?? 0)")
        default: return EngineError(.configuration, "\(file): this is no YAML")
        }
    }
}
