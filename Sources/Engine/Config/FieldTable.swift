/// A plug-in's fields, ready to check what the user wrote.
struct FieldTable {
    private let fields: [Field]

    init(_ fields: [Field]) { self.fields = fields }

    /// `setting` with the defaults filled in.
    func merged(_ setting: Setting) throws(EngineError) -> Setting {
        let written = try setting.entries("this block")
        for entry in written where !fields.contains(where: { $0.key == entry.key }) {
            throw EngineError(.configuration, "\(entry.place): unknown key `\(entry.key)`; \(knownKeys)")
        }
        var entries = written
        for field in fields where !written.contains(where: { $0.key == field.key }) {
            switch field.presence {
            case .optional: continue
            case .required:
                throw EngineError(.configuration, "\(setting.place): `\(field.key)` is missing: \(field.summary)")
            case .defaulted(let text):
                let value = Setting(.scalar(text), at: "default of `\(field.key)`")
                entries.append(Setting.Entry(key: field.key, place: value.place, value: value))
            }
        }
        return Setting(.map(entries), at: setting.place)
    }

    private var knownKeys: String {
        fields.isEmpty
            ? "it takes no keys here"
            : "known keys: " + fields.map(\.key).sorted().joined(separator: ", ")
    }
}
