/// `{ type: log }`
struct LogLayer: TargetLayer {
    static let name = "log"
    static let summary = "counts requests, bytes and seconds, and logs each request at debug level"

    private let context: PluginContext

    init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) { self.context = context }

    func around(_ target: any Target, at place: String) -> any Target {
        CountingTarget(target, logger: context.logger)
    }
}
