/// Copies of blobs that nobody should come to rely on: their pack is about to be deleted, or they are damaged.
///
/// They are still named to readers when there is no other copy; a new backup stores their blobs again.
public struct AvoidedCopies: Sendable, Equatable {
    /// Packs of which every blob is to be avoided.
    public var packs: Set<PackID>
    /// Single copies.
    public var blobs: Set<BlobCopy>

    public init(packs: Set<PackID> = [], blobs: Set<BlobCopy> = []) {
        self.packs = packs
        self.blobs = blobs
    }

    public var isEmpty: Bool { packs.isEmpty && blobs.isEmpty }

    /// Whether the copy of `id` in `pack` is to be avoided.
    public func contains(_ id: Digest, in pack: PackID) -> Bool {
        packs.contains(pack) || !blobs.isEmpty && blobs.contains(BlobCopy(id: id, pack: pack))
    }

    /// Copies of `id`, those to be avoided last.
    func sorted(_ copies: [BlobLocation], of id: Digest) -> [BlobLocation] {
        guard !isEmpty else { return copies }
        return copies.filter { !contains(id, in: $0.pack) } + copies.filter { contains(id, in: $0.pack) }
    }
}

/// One copy of a blob: the blob, and one of the packs that have it.
public struct BlobCopy: Sendable, Hashable {
    public let id: Digest
    public let pack: PackID

    public init(id: Digest, pack: PackID) {
        self.id = id
        self.pack = pack
    }
}
