import Engine
import Logging

/// What a command finds around it. Tests give their own.
struct Surroundings: Sendable {
    let console: Console
    let plugins: Plugins
    let environment: @Sendable (String) -> String?
    /// The time of restore points that are made, and by which rules decide.
    let now: @Sendable () -> Timestamp
    /// Shows a question to whoever sits at the terminal and waits for the answer, which is nil when nobody does.
    let ask: @Sendable (String) -> String?
    /// As `ask`, for a secret: what is typed does not show.
    let askSecret: @Sendable (String) -> String?

    init(
        console: Console, plugins: Plugins, now: @escaping @Sendable () -> Timestamp = { .now() },
        ask: @escaping @Sendable (String) -> String? = { _ in nil },
        askSecret: @escaping @Sendable (String) -> String? = { _ in nil },
        environment: @escaping @Sendable (String) -> String?
    ) {
        self.console = console
        self.plugins = plugins
        self.now = now
        self.ask = ask
        self.askSecret = askSecret
        self.environment = environment
    }

    /// The log of the engine and its plug-ins, on stderr: warnings and worse, unless `AHVAULT_LOG` says `debug`, `info`
    /// or another level.
    var logger: Logger {
        let console = console
        var logger = Logger(label: "ahvault") { _ in ConsoleLog(console: console) }
        if let level = environment("AHVAULT_LOG").flatMap({ Logger.Level(rawValue: $0) }) { logger.logLevel = level }
        return logger
    }

    /// Reads and checks the configuration; its warnings go to stderr.
    func configuration(_ option: ConfigOption) throws(EngineError) -> HostConfiguration {
        let configuration = try HostConfiguration(ConfigFile.read(option.config), environment: environment)
        try configuration.check(with: plugins, in: context(of: configuration))
        configuration.warnings(with: plugins).forEach(console.warn)
        return configuration
    }

    func context(of configuration: HostConfiguration) -> PluginContext {
        PluginContext(
            logger: logger, baseDirectory: configuration.file.folder, cacheDirectory: configuration.cache.path,
            proxyID: configuration.proxy.name, offsetFromUTC: configuration.localTime.offset(at:),
            environment: environment)
    }
}
