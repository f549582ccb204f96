public import Engine
import Logging

extension Setting {
    /// A block as a configuration file would have it.
    static func block(_ values: [String: Setting]) -> Setting {
        Setting(
            .map(values.sorted { $0.key < $1.key }.map { Entry(key: $0.key, place: "test:1:1", value: $0.value) }),
            at: "test:1:1")
    }
}

extension Setting: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self.init(.scalar(value), at: "test:1:1") }
}

extension Setting {
    init(_ text: String) { self.init(.scalar(text), at: "test:1:1") }
}

extension PluginContext {
    /// A context with the variables of an environment.
    static func test(_ environment: [String: String] = [:]) -> PluginContext {
        PluginContext(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { environment[$0] }
    }
}
