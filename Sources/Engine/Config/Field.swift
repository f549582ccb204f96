/// One row of a plug-in's table of settings.
///
/// The table feeds the decoder (defaults, unknown keys), `plugins describe`, the reference pages and the portal's form.
public struct Field: Sendable {
    public enum Presence: Sendable, Equatable {
        case required
        case optional
        /// Used as if the user had written it.
        case defaulted(String)
    }

    public let key: String
    public let presence: Presence
    public let isSecret: Bool
    /// One phrase: meaning and unit.
    public let summary: String

    public static func required(_ key: String, _ summary: String) -> Field {
        Field(key: key, presence: .required, isSecret: false, summary: summary)
    }

    public static func optional(_ key: String, _ summary: String) -> Field {
        Field(key: key, presence: .optional, isSecret: false, summary: summary)
    }

    public static func defaulted(_ key: String, _ value: String, _ summary: String) -> Field {
        Field(key: key, presence: .defaulted(value), isSecret: false, summary: summary)
    }

    /// A secret: `env:NAME`, `file:PATH` or the value itself.
    public static func secret(_ key: String, required: Bool = false, _ summary: String) -> Field {
        Field(key: key, presence: required ? .required : .optional, isSecret: true, summary: summary)
    }
}
