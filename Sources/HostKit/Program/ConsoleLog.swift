import Logging

/// Log lines as people read them on stderr: no time stamps, no labels.
struct ConsoleLog: LogHandler {
    let console: Console
    var logLevel: Logger.Level = .warning
    var metadata: Logger.Metadata = [:]

    init(console: Console) { self.console = console }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        switch event.level {
        case .warning: console.warn("\(event.message)")
        case .error, .critical: console.fail("\(event.message)")
        default: console.note("\(event.message)")
        }
    }
}
