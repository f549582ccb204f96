/// How a copy runs.
package struct CopyOptions: Sendable {
    /// Reads from the source in flight at once. Each needs up to 14 MiB of memory.
    package var lanes = 6
    /// Bytes of a data pack at the destination; at most three are in memory.
    package var packSize = RepositoryChoice.defaultPackSize
    /// Whether packs at the destination get parity.
    package var hasParity = false
    /// Leaves out restore points that were made before the newest one that the destination has of their VM.
    package var isOnlyNewer = false

    package init() {}
}
