import Engine

/// A repository in the configuration: the target it lies at, and how new data is written to it.
struct RepositorySettings: PluginSettings {
    let target: PluginChoice
    /// Around the target, outermost first; nil: those that the target itself asks for.
    let layers: [PluginChoice]?
    let codec: PluginChoice
    let index: PluginChoice
    let chunker: String
    let chunkSize: ByteSize
    /// Whether packs get parity, so that damage can be repaired.
    let parity: Bool
    /// Nil: the repository is not encrypted.
    let encryption: EncryptionSettings?
    /// For restore points that no job's rule says anything about; nil keeps them all.
    let keep: KeepRule?
    /// Nil: the defaults.
    let prune: PruneSettings?

    static let fields: [Field] = [
        .required("target", "where its objects are kept: a block with `type`"),
        .optional(
            "layers", "what lies around the target, outermost first: a list of blocks with `type`; `[]` for nothing"),
        .optional("codec", "how new chunks are made smaller: a block with `type`; zstd unless given"),
        .optional("index", "how known chunks are found: a block with `type`; memory unless given"),
        .defaulted(
            "chunker", "content", "`content`: chunks are cut where the content says so; `fixed`: on a grid"),
        .defaulted("chunkSize", "64KiB", "bytes of disk in one chunk; as `chunker`, fixed when the repository is made"),
        .defaulted(
            "parity", "false", "`true`: 6 % more space, and damage of up to a sixteenth of a pack is repaired"),
        .optional("encryption", "encrypts everything: a block with `passphrase`; as `chunker`, fixed at the start"),
        .optional("keep", "how many restore points stay that come under no job's `keep`"),
        .optional("prune", "how space is given back: a block with `grace` and `waste`"),
    ]

    private enum CodingKeys: CodingKey {
        case target, layers, codec, index, chunker, chunkSize, parity, encryption, keep, prune
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        target = try container.decode(PluginChoice.self, forKey: .target)
        layers = try container.decodeIfPresent([PluginChoice].self, forKey: .layers)
        codec = try container.decodeIfPresent(PluginChoice.self, forKey: .codec) ?? .usual("zstd")
        index = try container.decodeIfPresent(PluginChoice.self, forKey: .index) ?? .usual("disk")
        chunker = try container.decode(String.self, forKey: .chunker)
        chunkSize = try container.decode(ByteSize.self, forKey: .chunkSize)
        parity = try container.decode(Bool.self, forKey: .parity)
        encryption = try container.decodeIfPresent(EncryptionSettings.self, forKey: .encryption)
        keep = try container.decodeIfPresent(KeepRule.self, forKey: .keep)
        prune = try container.decodeIfPresent(PruneSettings.self, forKey: .prune)
    }

    /// - Throws: `.configuration`.
    init(_ setting: Setting) throws(EngineError) { self = try Self.decode(setting) }

    /// The target with its layers, none of them opened.
    /// - Throws: `.configuration`.
    func layeredTarget(of plugins: Plugins, in context: PluginContext) throws(EngineError) -> LayeredTarget {
        try LayeredTarget(target, layers: layers, of: plugins, in: context)
    }
}
