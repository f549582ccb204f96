/// How a prune weighs space against work and caution.
package struct PruneOptions: Sendable {
    /// A pack is repacked when a larger part of it than this is garbage; 0 to 1.
    package var waste = 0.25
    /// Seconds, by the clock of the target, that condemned packs stay at least. Zero is safe where a listing shows at
    /// once what was put, as folders and the large object stores do.
    package var grace = 0.0
    /// Bytes of a data pack.
    package var packSize = 16 << 20
    /// Whether packs get parity, so that damage can be repaired.
    package var hasParity = false
    /// Bytes of packs that one prune repacks at most; what is left is done by the next.
    package var repackLimit = 64 << 30
    package var timing = SessionTiming()
    /// Restore points read, and objects deleted, at once.
    package var lanes = 4

    package init() {}
}
