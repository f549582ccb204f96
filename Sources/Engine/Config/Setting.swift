/// One value of a configuration, with its place, before it has a type.
///
/// Knows no file format: the host turns YAML, the command line or JSON into settings. Text becomes a number, a switch
/// or a time only when a field asks for one, so `22:30`, `on` and `1.10` stay what was written.
public struct Setting: Sendable {
    public indirect enum Shape: Sendable {
        case null
        case scalar(String)
        case list([Setting])
        case map([Entry])
    }

    /// One key of a map, with the key's own place.
    public struct Entry: Sendable {
        public let key: String
        public let place: String
        public let value: Setting

        public init(key: String, place: String, value: Setting) {
            self.key = key
            self.place = place
            self.value = value
        }
    }

    public let shape: Shape
    /// Where it was written: `ahvault.yaml:12:7`, or `--set` for the command line.
    public let place: String

    public init(_ shape: Shape, at place: String) {
        self.shape = shape
        self.place = place
    }

    /// An empty map, for a plug-in that is used with its defaults.
    public static func empty(at place: String) -> Setting { Setting(.map([]), at: place) }

    /// The entries of a map.
    /// - Throws: `.configuration` with the place, when it is anything else.
    public func entries(_ what: String) throws(EngineError) -> [Entry] {
        switch shape {
        case .map(let entries): return entries
        case .null: return []
        default: throw mismatch(what, "a list of `key: value` pairs")
        }
    }

    package func mismatch(_ what: String, _ wanted: String) -> EngineError {
        let found: String
        switch shape {
        case .null: found = "nothing"
        case .scalar(let text): found = "`\(text)`"
        case .list: found = "a list"
        case .map: found = "a map"
        }
        return EngineError(.configuration, "\(place): \(what) must be \(wanted), not \(found)")
    }
}
