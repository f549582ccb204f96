/// `{ type: concurrency, requests: 8 }`
struct ConcurrencyLayer: TargetLayer {
    struct Settings: PluginSettings {
        let requests: UInt16

        static let fields: [Field] = [
            .required("requests", "how many requests may be in flight at once; the others wait their turn")
        ]
    }

    static let name = "concurrency"
    static let summary = "lets only so many requests through at once, in the order they come"

    private let requests: Int

    init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        guard settings.requests >= 1 else { throw EngineError(.configuration, "`requests` must be at least 1") }
        requests = Int(settings.requests)
    }

    func around(_ target: any Target, at place: String) -> any Target {
        LimitedTarget(target, requests: requests)
    }
}
