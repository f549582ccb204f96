/// `{ type: bandwidth, upload: 50MiB, windows: [{ days: [mon, tue], from: "08:00", to: "18:00", upload: 10MiB }] }`
struct BandwidthLayer: TargetLayer {
    struct Settings: PluginSettings {
        let upload: BandwidthLimit?
        let download: BandwidthLimit?
        let windows: [BandwidthWindow]?

        static let fields: [Field] = [
            .optional(
                "upload", "bytes a second to the target, such as `50MiB`; without it, and as `unlimited`, any number"),
            .optional("download", "bytes a second from the target, in the same way"),
            .optional(
                "windows",
                "other limits at certain hours: a list of blocks with `days`, `from`, `to`, `upload`, `download`; "
                    + "the first that fits counts"),
        ]
    }

    static let name = "bandwidth"
    static let summary = "bounds the bytes a second, with other limits at certain hours"

    private let schedule: BandwidthSchedule

    init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        schedule = BandwidthSchedule(
            usual: BandwidthRates(limits: settings.upload, settings.download),
            windows: settings.windows ?? [], offsetFromUTC: context.offsetFromUTC)
    }

    func around(_ target: any Target, at place: String) -> any Target { ThrottledTarget(target, schedule) }
}
