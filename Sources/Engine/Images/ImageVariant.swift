/// One form of an image format.
public struct ImageVariant: Sendable, Hashable {
    public let name: String
    /// One line.
    public let summary: String
    /// Whether it can be written front to back, without going back.
    public let canStream: Bool
    /// Whether, as a stream, the extents of the disk alone decide where everything lies: bytes before a place of the file
    /// depend on nothing behind the same place of the disk. An interrupted one can go on then.
    public let canResume: Bool
    /// Whether the file is the disk's bytes and nothing else.
    public let isDiskAlone: Bool

    public init(_ name: String, _ summary: String, canStream: Bool, canResume: Bool = false, isDiskAlone: Bool = false)
    {
        self.name = name
        self.summary = summary
        self.canStream = canStream
        self.canResume = canResume
        self.isDiskAlone = isDiskAlone
    }
}

extension ImageFormat {
    /// The variant called `name`.
    /// - Throws: `.configuration` with the names that there are.
    public static func variant(named name: String) throws(EngineError) -> ImageVariant {
        if let variant = variants.first(where: { $0.name == name }) { return variant }
        let names = variants.map { "`\($0.name)`" }.joined(separator: ", ")
        throw EngineError(.configuration, "`variant` must be one of \(names), not `\(name)`")
    }
}
