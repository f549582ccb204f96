/// `{ type: drill-cut, every: 5, after: sent }`
struct DrillCutLayer: TargetLayer {
    struct Settings: PluginSettings {
        let every: UInt32
        let after: CuttingTarget.Moment

        static let fields: [Field] = [
            .defaulted("every", "5", "one put or get of so many is cut"),
            .defaulted(
                "after", "sending",
                "`sending`: nothing of a put is at the target; `sent`: the object is there, but its put has failed"),
        ]
    }

    static let name = "drill-cut"
    static let summary = "for drills: the connection breaks in the middle of puts and gets"

    let isDrill = true
    private let settings: Settings

    init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        guard settings.every >= 1 else { throw EngineError(.configuration, "`every` must be at least 1") }
        self.settings = settings
    }

    func around(_ target: any Target, at place: String) -> any Target {
        CuttingTarget(target, every: Int(settings.every), after: settings.after)
    }
}
