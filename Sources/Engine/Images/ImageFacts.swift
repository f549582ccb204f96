/// What the headers of an image say.
public struct ImageFacts: Sendable, Equatable {
    /// One more thing that a format tells: a name and a value.
    public struct Detail: Sendable, Equatable {
        public let name: String
        public let value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The plug-in's name.
    public let format: String
    public let variant: String
    /// In the order in which they are shown.
    public var details: [Detail]
    /// What the reader had to forgive, one sentence each.
    public var remarks: [String]
    /// The files that the image differs from, the nearest first.
    public var parents: [String]

    public init(
        format: String, variant: String, details: [Detail] = [], remarks: [String] = [], parents: [String] = []
    ) {
        self.format = format
        self.variant = variant
        self.details = details
        self.remarks = remarks
        self.parents = parents
    }
}
