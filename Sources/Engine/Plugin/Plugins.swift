/// All plug-ins of a program, by kind. The host composes them; a test brings its own.
public struct Plugins: Sendable {
    public let sources: Registry<any Source>
    public let targets: Registry<any Target>
    public let codecs: Registry<any Codec>
    public let indexes: Registry<any DedupIndex>
    /// What computes the parity of packs; nil in a program without.
    package var parity: (any ParityCoder)?

    public init(
        sources: Registry<any Source>, targets: Registry<any Target>, codecs: Registry<any Codec>,
        indexes: Registry<any DedupIndex>
    ) {
        self.sources = sources
        self.targets = targets
        self.codecs = codecs
        self.indexes = indexes
    }
}
