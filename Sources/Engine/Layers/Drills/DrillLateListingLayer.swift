/// `{ type: drill-late-listing, seconds: 30 }`
struct DrillLateListingLayer: TargetLayer {
    struct Settings: PluginSettings {
        let seconds: UInt32

        static let fields: [Field] = [
            .required("seconds", "how old an object is before listings show it, by this machine's clock")
        ]
    }

    static let name = "drill-late-listing"
    static let summary = "for drills: listings show objects only after a while, which no target may do"

    let isDrill = true
    private let seconds: Int64

    init(_ settings: Settings, in context: PluginContext) throws(EngineError) { seconds = Int64(settings.seconds) }

    func around(_ target: any Target, at place: String) -> any Target { LateListingTarget(target, seconds: seconds) }
}
