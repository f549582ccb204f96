import Engine

/// A plug-in as `plugins list` and `plugins describe` show it.
struct PluginDescription: Encodable, Sendable {
    /// `source`, `target`, `layer`, `codec`, `index` or `image`.
    let kind: String
    let name: String
    let summary: String
    let settings: [Setting]

    struct Setting: Encodable, Sendable {
        let key: String
        let isRequired: Bool
        let isSecret: Bool
        /// What is used when the key is absent.
        let defaultValue: String?
        let summary: String
    }

    /// All plug-ins, by kind.
    static func all(of plugins: Plugins) -> [PluginDescription] {
        plugins.sources.entries.map { PluginDescription("source", $0) }
            + plugins.targets.entries.map { PluginDescription("target", $0) }
            + plugins.layers.entries.map { PluginDescription("layer", $0) }
            + plugins.codecs.entries.map { PluginDescription("codec", $0) }
            + plugins.indexes.entries.map { PluginDescription("index", $0) }
            + plugins.images.entries.map { PluginDescription("image", $0) }
    }

    private init<Product>(_ kind: String, _ entry: Registry<Product>.Entry) {
        self.kind = kind
        name = entry.name
        summary = entry.summary
        settings = entry.fields.map(Setting.init)
    }
}

extension PluginDescription.Setting {
    init(_ field: Field) {
        key = field.key
        isRequired = field.presence == .required
        isSecret = field.isSecret
        summary = field.summary
        if case .defaulted(let value) = field.presence, !value.isEmpty {
            defaultValue = value
        } else {
            defaultValue = nil
        }
    }

    /// `required`, `default 22` or `optional`.
    var presence: String {
        if isRequired { return "required" }
        return defaultValue.map { "default \($0)" } ?? "optional"
    }
}
