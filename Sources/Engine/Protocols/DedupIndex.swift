/// Knows which blobs a repository holds, and where. A cache: the packs' own tables can always rebuild it.
///
/// Calls come from several threads at once and are quick; none of them waits for a target.
public protocol DedupIndex: Plugin {
    /// Takes in a sorted run of entries read from the repository. Adding a run twice changes nothing.
    func add(_ run: IndexRun) throws(EngineError)

    /// Where the blob is, or nil when no pack known to this index has it.
    func location(of id: Digest) -> BlobLocation?

    /// Asks for the right to store a blob. Exactly one of several askers gets `.new`.
    func claim(_ id: Digest) -> ChunkClaim

    /// The blobs of a pack that is now durable.
    func record(_ entries: [BlobEntry])

    /// Gives claims back whose pack could not be stored, so that another run may store them.
    func abandon(_ ids: [Digest])

    /// How many distinct blobs are known.
    var count: Int { get }
}

/// The answer to `DedupIndex.claim(_:)`.
public enum ChunkClaim: Sendable, Equatable {
    /// A pack has it.
    case stored(BlobLocation)
    /// Somebody in this process is about to store it.
    case pending
    /// The caller must store it, and then `record` or `abandon` it.
    case new
}
