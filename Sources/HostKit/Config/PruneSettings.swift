import Engine

/// How a repository is pruned.
struct PruneSettings: PluginSettings, PlacedSetting {
    let grace: TimeSpan
    let waste: Percentage

    static let fields: [Field] = [
        .defaulted("grace", "0min", "how long condemned packs stay at least, such as `24h`"),
        .defaulted("waste", "25%", "a pack with a larger part of garbage is repacked"),
    ]

    init(placed setting: Setting, what: String) throws { self = try Self.decode(setting) }
}
