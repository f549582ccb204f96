/// `{ type: drill-delay, milliseconds: 200 }`
struct DrillDelayLayer: TargetLayer {
    struct Settings: PluginSettings {
        let milliseconds: UInt32

        static let fields: [Field] = [
            .required("milliseconds", "how long every call waits before it goes to the target")
        ]
    }

    static let name = "drill-delay"
    static let summary = "for drills: every call takes longer"

    let isDrill = true
    private let delay: Duration

    init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        delay = .milliseconds(Int64(settings.milliseconds))
    }

    func around(_ target: any Target, at place: String) -> any Target { DelayedTarget(target, delay) }
}
