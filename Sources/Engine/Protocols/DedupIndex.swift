/// Knows which blobs a repository holds, and where. A cache: the packs' own tables can always rebuild it.
///
/// A blob may have several copies, each in another pack: two writers stored it at once, or an earlier copy is to be
/// avoided. Calls come from several threads at once and are quick.
public protocol DedupIndex: Plugin {
    /// Brings the index up to the runs of a repository: takes in those that it does not know yet. The only call that waits
    /// for a target.
    /// - Returns: every pack that they list, and the runs that could not be read.
    /// - Throws: what the target throws, other than about a single run; by `errno` for files of this machine.
    func take(_ runs: StoredRuns) async throws(EngineError) -> TakenRuns

    /// Takes in a sorted run of entries read from the repository. Adding a run twice changes nothing.
    func add(_ run: IndexRun) throws(EngineError)

    /// Says which copies are to be avoided, in place of what was said before. They may be unknown to the index.
    func avoid(_ copies: AvoidedCopies)

    /// Where the blob is, or nil when no pack known to this index has it. A copy to be avoided is named only when there
    /// is no other.
    func location(of id: Digest) -> BlobLocation?

    /// Every known copy of the blob, those to be avoided last.
    func copies(of id: Digest) -> [BlobLocation]

    /// Whether a pack has a copy of the blob that need not be avoided.
    func holds(_ id: Digest) -> Bool

    /// Asks for the right to store a blob. Exactly one of several askers gets `.new`, also when every copy of the blob is
    /// to be avoided.
    func claim(_ id: Digest) -> ChunkClaim

    /// The blobs of a pack that is now durable.
    func record(_ entries: [BlobEntry])

    /// Gives claims back whose pack could not be stored, so that another run may store them.
    func abandon(_ ids: [Digest])

    /// How many distinct blobs are known. May look at every entry.
    var count: Int { get }
}

/// The answer to `DedupIndex.claim(_:)`.
public enum ChunkClaim: Sendable, Equatable {
    /// A pack has it, in a copy that need not be avoided.
    case stored(BlobLocation)
    /// Somebody in this process is about to store it.
    case pending
    /// The caller must store it, and then `record` or `abandon` it.
    case new
}
