/// `{ type: read-only }`
struct ReadOnlyLayer: TargetLayer {
    static let name = "read-only"
    static let summary = "refuses puts and deletes: for restores that must change nothing"

    init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {}

    func around(_ target: any Target, at place: String) -> any Target { ReadOnlyTarget(target) }
}
