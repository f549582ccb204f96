/// Where a blob is: its pack and what is needed to fetch and decode it.
public struct BlobLocation: Sendable, Equatable {
    public let pack: PackID
    public let kind: PackKind
    /// Of the blob's header, from the start of the pack.
    public let offset: UInt32
    /// Bytes as stored, without the blob's header.
    public let storedCount: UInt32
    /// Bytes when decoded.
    public let rawCount: UInt32
    public let codec: UInt8

    public init(
        pack: PackID, kind: PackKind, offset: UInt32, storedCount: UInt32, rawCount: UInt32, codec: UInt8
    ) {
        self.pack = pack
        self.kind = kind
        self.offset = offset
        self.storedCount = storedCount
        self.rawCount = rawCount
        self.codec = codec
    }
}

/// A blob and where it is.
public struct BlobEntry: Sendable, Equatable {
    public let id: Digest
    public let location: BlobLocation

    public init(id: Digest, location: BlobLocation) {
        self.id = id
        self.location = location
    }
}

/// What a pack holds. The number is written into packs and index runs.
public enum PackKind: UInt8, Sendable, Hashable, CaseIterable {
    /// Chunks of disks.
    case data = 1
    /// Tree nodes and VM configurations.
    case metadata = 2
}
