import Engine

/// One section of the configuration: named entries in the order of the file.
struct Section<Value: Sendable>: Sendable {
    struct Entry: Sendable {
        let name: String
        /// Where the name was written.
        let place: String
        let value: Value
    }

    /// What one entry is called: `source`, `repository`, `job`.
    let kind: String
    let entries: [Entry]

    init(_ kind: String, _ entries: [Entry]) {
        self.kind = kind
        self.entries = entries
    }

    /// Reads the section; each entry's value is made by `make`.
    /// - Throws: `.configuration` for a name that cannot be typed on a command line, and whatever `make` throws.
    init(
        _ kind: String, _ setting: Setting?, _ make: (Setting) throws(EngineError) -> Value
    ) throws(EngineError) {
        var entries: [Entry] = []
        for entry in try setting?.entries("this section") ?? [] {
            guard Self.isName(entry.key) else {
                throw EngineError(
                    .configuration,
                    "\(entry.place): `\(entry.key)` cannot be the name of a \(kind): "
                        + "use letters, digits, `.`, `_` and `-`, at most 64")
            }
            entries.append(Entry(name: entry.key, place: entry.place, value: try make(entry.value)))
        }
        self.init(kind, entries)
    }

    func value(named name: String) -> Value? { entries.first { $0.name == name }?.value }

    /// The entry called `name`.
    /// - Parameter place: where the name was written, for the message.
    /// - Throws: `.configuration` with the names there are.
    func entry(named name: String, at place: String) throws(EngineError) -> Entry {
        guard let entry = entries.first(where: { $0.name == name }) else {
            throw EngineError(.configuration, "\(place): no \(kind) `\(name)`; \(known)")
        }
        return entry
    }

    /// The entry that an option names; without a name the only one there is.
    func chosen(_ name: String?, option: String) throws(EngineError) -> Entry {
        if let name { return try entry(named: name, at: option) }
        guard let first = entries.first else {
            throw EngineError(.configuration, "no \(kind) is configured")
        }
        guard entries.count == 1 else {
            throw EngineError(.configuration, "choose a \(kind) with \(option); \(known)")
        }
        return first
    }

    private var known: String {
        entries.isEmpty ? "none is configured" : "configured: " + entries.map(\.name).joined(separator: ", ")
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
