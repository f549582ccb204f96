/// The typed settings of a plug-in: a plain `Decodable` struct and the table of its keys.
///
/// A contract case checks for every registered plug-in that table and struct name the same keys.
public protocol PluginSettings: Decodable, Sendable {
    static var fields: [Field] { get }
}

extension PluginSettings {
    /// Decodes `setting` over the table's defaults.
    /// - Throws: `.configuration` naming file, line and column, for an unknown key, a missing key or a wrong type.
    public static func decode(_ setting: Setting) throws(EngineError) -> Self {
        let merged = try FieldTable(fields).merged(setting)
        do {
            return try Self(from: SettingsDecoder(merged))
        } catch {
            throw EngineError(error)
        }
    }
}

/// Settings of a plug-in that has none.
public struct NoSettings: PluginSettings {
    public static let fields: [Field] = []
    public init() {}
}
