/// `{ type: retry, attempts: 5 }`
struct RetryLayer: TargetLayer {
    struct Settings: PluginSettings {
        let attempts: UInt16
        let milliseconds: UInt32
        let longest: UInt16
        let within: UInt32

        static let fields: [Field] = [
            .defaulted("attempts", "20", "how often a call is tried in all; opening the target at most 4 times"),
            .defaulted("milliseconds", "500", "the first pause is at most so long, each further one twice as long"),
            .defaulted("longest", "15", "seconds that no pause exceeds"),
            .defaulted("within", "600", "seconds after which a call is not tried again"),
        ]
    }

    static let name = "retry"
    static let summary = "tries again what may pass by itself, after pauses that grow"

    private let policy: RetryPolicy
    private let context: PluginContext

    init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        guard settings.attempts >= 1 else { throw EngineError(.configuration, "`attempts` must be at least 1") }
        policy = RetryPolicy(
            attempts: Int(settings.attempts), first: .milliseconds(Int64(settings.milliseconds)),
            longest: .seconds(Int64(settings.longest)), within: .seconds(Int64(settings.within)))
        self.context = context
    }

    func around(_ target: any Target, at place: String) -> any Target {
        RetryingTarget(target, policy, logger: context.logger)
    }
}
