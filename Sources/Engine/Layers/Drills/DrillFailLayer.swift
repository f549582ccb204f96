/// `{ type: drill-fail, call: put, every: 10 }`
struct DrillFailLayer: TargetLayer {
    struct Settings: PluginSettings {
        let call: TargetCall?
        let first: UInt32
        let every: UInt32
        let times: UInt32
        let prefix: String
        let isRetryable: Bool

        static let fields: [Field] = [
            .optional(
                "call",
                "`open`, `put`, `get`, `size`, `delete`, `list`, `sweep`, or `begin`, `append`, `finish` of an upload; every call "
                    + "unless given"),
            .defaulted("first", "1", "the first call that fails"),
            .defaulted("every", "1", "from then on each call of this many fails"),
            .defaulted("times", "4294967295", "how many fail in all"),
            .defaulted("prefix", "", "only calls for objects whose names start so, such as `packs/d/`"),
            .defaulted("isRetryable", "true", "whether it is a fault that may pass by itself"),
        ]
    }

    static let name = "drill-fail"
    static let summary = "for drills: calls fail on plan"

    let isDrill = true
    private let faults: [FaultyTarget.Fault]

    init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        guard settings.first >= 1, settings.every >= 1 else {
            throw EngineError(.configuration, "`first` and `every` must be at least 1")
        }
        let calls = settings.call.map { [$0] } ?? TargetCall.allCases
        faults = calls.map { call in
            FaultyTarget.Fault(
                call, first: Int(settings.first), times: Int(settings.times), every: Int(settings.every),
                prefix: settings.prefix,
                error: EngineError(
                    .unreachable, "a drill: the layer `drill-fail` lets this \(call.rawValue) fail",
                    isRetryable: settings.isRetryable))
        }
    }

    func around(_ target: any Target, at place: String) -> any Target { FaultyTarget(target, faults) }
}
