/// A part of the engine that a configuration can name.
public protocol Plugin: Sendable {
    associatedtype Settings: PluginSettings

    /// The word in the configuration: `local`, `zstd`, `ahv`.
    static var name: String { get }
    /// One line for `plugins list`.
    static var summary: String { get }

    /// Keeps what it is given, and checks it. Connects to nothing and creates nothing: that is `open()`'s work.
    /// - Throws: `.configuration` for values that cannot work.
    init(_ settings: Settings, in context: PluginContext) throws(EngineError)
}
