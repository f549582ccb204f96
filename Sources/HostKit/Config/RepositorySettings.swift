import Engine

/// A repository in the configuration: the target it lies at, and how new data is written to it.
struct RepositorySettings: PluginSettings {
    let target: PluginChoice
    let codec: PluginChoice
    let index: PluginChoice
    let chunker: String
    let chunkSize: ByteSize
    /// For restore points that no job's rule says anything about; nil keeps them all.
    let keep: KeepRule?
    /// Nil: the defaults.
    let prune: PruneSettings?

    static let fields: [Field] = [
        .required("target", "where its objects are kept: a block with `type`"),
        .optional("codec", "how new chunks are made smaller: a block with `type`; zstd unless given"),
        .optional("index", "how known chunks are found: a block with `type`; memory unless given"),
        .defaulted(
            "chunker", "content", "`content`: chunks are cut where the content says so; `fixed`: on a grid"),
        .defaulted("chunkSize", "64KiB", "bytes of disk in one chunk; as `chunker`, fixed when the repository is made"),
        .optional("keep", "how many restore points stay that come under no job's `keep`"),
        .optional("prune", "how space is given back: a block with `grace` and `waste`"),
        .optional("encryption", "not in this version"),
    ]

    private enum CodingKeys: CodingKey {
        case target, codec, index, chunker, chunkSize, keep, prune
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        target = try container.decode(PluginChoice.self, forKey: .target)
        codec = try container.decodeIfPresent(PluginChoice.self, forKey: .codec) ?? .usual("zstd")
        index = try container.decodeIfPresent(PluginChoice.self, forKey: .index) ?? .usual("memory")
        chunker = try container.decode(String.self, forKey: .chunker)
        chunkSize = try container.decode(ByteSize.self, forKey: .chunkSize)
        keep = try container.decodeIfPresent(KeepRule.self, forKey: .keep)
        prune = try container.decodeIfPresent(PruneSettings.self, forKey: .prune)
    }

    /// - Throws: `.configuration`; `.unsupported` things are refused here too, before anything opens.
    init(_ setting: Setting) throws(EngineError) {
        for entry in try setting.entries("a repository's block") where entry.key == "encryption" {
            throw EngineError(
                .configuration,
                "\(entry.place): encryption is not in this version; take the key out, "
                    + "and keep the repository where only this proxy can read it")
        }
        self = try Self.decode(setting)
    }
}

extension PluginChoice {
    /// A plug-in with its defaults, for a block that is not written.
    fileprivate static func usual(_ type: String) -> PluginChoice {
        PluginChoice(type: type, settings: .empty(at: "default"))
    }
}
