/// All plug-ins of a program, by kind. The host composes them; a test brings its own.
public struct Plugins: Sendable {
    public let sources: Registry<any Source>
    public let targets: Registry<any Target>
    public let codecs: Registry<any Codec>
    public let indexes: Registry<any DedupIndex>
    public let layers: Registry<any TargetLayer>
    public let images: Registry<any ImageFormat>
    /// What computes the parity of packs; nil in a program without.
    package var parity: (any ParityCoder)?

    public init(
        sources: Registry<any Source>, targets: Registry<any Target>, codecs: Registry<any Codec>,
        indexes: Registry<any DedupIndex>, layers: Registry<any TargetLayer> = .builtin,
        images: Registry<any ImageFormat> = Registry([any ImageFormat.Type]())
    ) {
        self.sources = sources
        self.targets = targets
        self.codecs = codecs
        self.indexes = indexes
        self.layers = layers
        self.images = images
    }

    /// These plug-ins and those of a package of one's own.
    /// - Precondition: no two of a kind share a name.
    public func adding(
        sources: [any Source.Type] = [], targets: [any Target.Type] = [], codecs: [any Codec.Type] = [],
        layers: [any TargetLayer.Type] = [], images: [any ImageFormat.Type] = []
    ) -> Plugins {
        var all = Plugins(
            sources: self.sources.adding(Registry(sources)), targets: self.targets.adding(Registry(targets)),
            codecs: self.codecs.adding(Registry(codecs)), indexes: indexes,
            layers: self.layers.adding(Registry(layers)), images: self.images.adding(Registry(images)))
        all.parity = parity
        return all
    }
}
