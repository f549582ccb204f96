public import Engine

/// A type of plug-in as the contract looks at it.
public struct PluginSubject: Sendable, CustomStringConvertible {
    public let name: String
    public let summary: String
    public let fields: [Field]
    let read: @Sendable () throws -> SettingsReading
    /// Decodes a block and prints what it became, in every way that a log could.
    let describe: @Sendable (Setting) throws -> String

    /// - Parameter sample: values for settings whose form cannot be guessed, such as lists of maps.
    public init<P: Plugin>(_ type: P.Type, sample: Setting = .empty(at: "sample")) {
        name = P.name
        summary = P.summary
        fields = P.Settings.fields
        read = { try SettingsReading(of: P.Settings.self, sample: sample) }
        describe = { block in
            let settings = try P.Settings.decode(block)
            var dumped = ""
            dump(settings, to: &dumped)
            return "\(settings) \(String(reflecting: settings)) \(dumped)"
        }
    }

    public var description: String { name }
}
