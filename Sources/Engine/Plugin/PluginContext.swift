import Glibc
public import Logging

/// What a plug-in gets from its surroundings: a logger, the folder that relative paths start at, and secrets.
public struct PluginContext: Sendable {
    public let logger: Logger
    /// Relative paths of the configuration start here: the configuration file's folder.
    public let baseDirectory: String
    /// Folder for what can be made again at any time, kept from run to run; nil when the host has none.
    public let cacheDirectory: String?
    /// This proxy's stable identity; names of temporary things on a cluster carry it, so that their owner is known.
    public let proxyID: String
    /// Seconds that clocks at this proxy's place are ahead of UTC at a moment.
    public let offsetFromUTC: @Sendable (Timestamp) -> Int
    private let environment: @Sendable (String) -> String?

    public init(
        logger: Logger, baseDirectory: String = ".", cacheDirectory: String? = nil, proxyID: String = "local",
        offsetFromUTC: @escaping @Sendable (Timestamp) -> Int = PluginContext.machineOffset,
        environment: (@Sendable (String) -> String?)? = nil
    ) {
        self.logger = logger
        self.baseDirectory = baseDirectory
        self.cacheDirectory = cacheDirectory
        self.proxyID = proxyID
        self.offsetFromUTC = offsetFromUTC
        self.environment = environment ?? { name in getenv(name).map { String(cString: $0) } }
    }

    /// The offset of this machine's time zone.
    @Sendable public static func machineOffset(_ time: Timestamp) -> Int {
        var seconds = time_t(time.milliseconds / 1000)
        var fields = tm()
        localtime_r(&seconds, &fields)
        return Int(fields.tm_gmtoff)
    }

    /// `path` made absolute against the configuration's folder.
    public func resolve(_ path: String) -> String {
        path.hasPrefix("/") ? path : baseDirectory + "/" + path
    }

    /// The secret's value.
    /// - Throws: `.configuration` when the variable is unset or the file unreadable, empty or open to everyone.
    public func reveal(_ secret: Secret) throws(EngineError) -> String {
        switch secret.reference {
        case .literal(let value): return value
        case .environment(let name):
            guard let value = environment(name), !value.isEmpty else {
                throw EngineError(.configuration, "\(secret.place): environment variable \(name) is not set")
            }
            return value
        case .file(let path): return try SecretFile(path: resolve(path), place: secret.place).read()
        }
    }
}
