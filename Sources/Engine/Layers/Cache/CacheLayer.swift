/// `{ type: cache, size: 2GiB }`
struct CacheLayer: TargetLayer {
    struct Settings: PluginSettings {
        let size: ByteSize

        static let fields: [Field] = [
            .defaulted("size", "2GiB", "bytes of disk that the copies of one target may take in the cache folder")
        ]
    }

    static let name = "cache"
    static let summary = "keeps copies of index runs and metadata packs in the cache folder"

    let keepsCopies = true
    private let folder: String
    private let size: Int
    private let context: PluginContext

    init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        guard let cache = context.cacheDirectory else {
            throw EngineError(.configuration, "there is no cache folder in which copies could be kept")
        }
        folder = cache + "/objects"
        size = settings.size.bytes
        self.context = context
    }

    func around(_ target: any Target, at place: String) -> any Target {
        CachingTarget(
            target, ObjectCache(folder: "\(folder)/\(place)", size: size, logger: context.logger), CacheRules())
    }
}
