import Engine
import Logging
import Wire

/// The settings of a source, checked, with the defaults that depend on the machine.
struct AHVConfiguration: Sendable {
    let base: String
    let centralTrust: TLSTrust
    let elementTrust: ElementTrust
    let elementPort: Int
    let dataServices: String?
    let iscsiPort: UInt16
    let initiator: String
    let chap: ChapMode
    let recoveryPointDays: Int
    var limits: PrismLimits
    let requestsPerSecond: Int
    let owner: Ownership
    private let settings: AHVSettings
    private let context: PluginContext

    /// - Throws: `configuration` for values that cannot work.
    init(_ settings: AHVSettings, in context: PluginContext) throws(EngineError) {
        self.settings = settings
        self.context = context
        base = try Self.base(settings.endpoint)
        centralTrust = try settings.tls.centralTrust(context)
        var limits = PrismLimits()
        try Self.check("taskTimeoutSeconds", settings.taskTimeoutSeconds, 1...86_400)
        limits.task = .seconds(settings.taskTimeoutSeconds)
        self.limits = limits
        elementTrust = ElementTrust(try settings.tls.elementTrust(context), connectTimeout: limits.connect)
        try Self.check("elementPort", settings.elementPort, 1...65_535)
        elementPort = settings.elementPort
        try Self.check("iscsiPort", settings.iscsiPort, 1...65_535)
        iscsiPort = UInt16(settings.iscsiPort)
        try Self.check("recoveryPointDays", settings.recoveryPointDays, 4...365)
        recoveryPointDays = settings.recoveryPointDays
        try Self.check("requestsPerSecond", settings.requestsPerSecond, 1...1000)
        requestsPerSecond = settings.requestsPerSecond
        dataServices = settings.dataServices
        guard let chap = ChapMode(rawValue: settings.chap) else {
            throw EngineError(.configuration, "`chap` is `\(settings.chap)`; it must be oneWay, mutual or none")
        }
        self.chap = chap
        owner = Ownership(proxy: context.proxyID)
        initiator = try Self.initiator(settings.initiator ?? "iqn.2026-01.io.ahvault:\(owner.proxy)")
        try Self.checkAccount(settings)
    }

    private static func base(_ endpoint: String) throws(EngineError) -> String {
        let trimmed = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
        guard trimmed.hasPrefix("https://"), trimmed.utf8.count > 8, !trimmed.dropFirst(8).contains("/"),
            !trimmed.contains("@")
        else {
            throw EngineError(
                .configuration, "`endpoint` is `\(endpoint)`; it must look like https://prism.example:9440")
        }
        let host = trimmed.dropFirst(8)
        let behind = host.last == "]" ? "" : host.drop { $0 != "]" }
        let hasPort = host.first == "[" ? behind.contains(":") : host.contains(":")
        return hasPort ? trimmed : trimmed + ":9440"
    }

    private static func check(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws(EngineError) {
        guard range.contains(value) else {
            throw EngineError(
                .configuration, "`\(key)` is \(value); it must be from \(range.lowerBound) to \(range.upperBound)")
        }
    }

    private static func initiator(_ name: String) throws(EngineError) -> String {
        guard name.hasPrefix("iqn.") || name.hasPrefix("eui."), name.utf8.count <= 64,
            name.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
        else {
            throw EngineError(
                .configuration, "`initiator` is `\(name)`; it must be an iSCSI name (iqn.…) of at most 64 characters")
        }
        return name
    }

    private static func checkAccount(_ settings: AHVSettings) throws(EngineError) {
        let hasPassword = settings.username != nil && settings.password != nil
        let isHalf = (settings.username != nil) != (settings.password != nil)
        guard !isHalf, hasPassword != (settings.apiKey != nil) else {
            throw EngineError(.configuration, "give `username` and `password`, or `apiKey`")
        }
    }

    /// Reads the secrets.
    func account() throws(EngineError) -> PrismSession.Account {
        if let key = settings.apiKey { return .apiKey(try context.reveal(key)) }
        guard let user = settings.username, let password = settings.password else {
            throw EngineError(.configuration, "give `username` and `password`, or `apiKey`")
        }
        return .password(user: user, password: try context.reveal(password))
    }

    func client() throws(EngineError) -> PrismClient {
        let transport = PrismTransport(
            base: base, http: HTTPClient(trust: centralTrust),
            rate: RequestRate(perSecond: requestsPerSecond, machineListsPerSecond: limits.machineListsPerSecond),
            limits: limits, logger: context.logger)
        return PrismClient(transport, try account())
    }

    var logger: Logger { context.logger }

    /// How the volume groups of a cluster are reached.
    /// - Throws: `configuration` when the cluster has no data services address.
    func access(to cluster: PrismCluster) throws(PrismError) -> VolumeAccess {
        guard let address = dataServices ?? cluster.dataServices else {
            throw PrismError(
                .configuration,
                "the cluster '\(cluster.name)' has no iSCSI data services IP, so its disks cannot be reached: set one in "
                    + "Prism under Cluster Details, or `dataServices` for this source")
        }
        return VolumeAccess(
            portal: ISCSIPortal(host: address, port: iscsiPort), initiator: initiator, chap: chap,
            limits: ISCSITimeLimits())
    }
}
