/// A sorted run of index entries, as read from an `index/` object.
public struct IndexRun: Sendable {
    /// The object's last name part.
    public let name: String
    public let entries: [BlobEntry]

    public init(name: String, entries: [BlobEntry]) {
        self.name = name
        self.entries = entries
    }
}
