/// What a prune did, or, from a dry run, what it would do now.
package struct PruneReport: Sendable, Codable, Equatable {
    /// Objects and their bytes.
    package struct Amount: Sendable, Codable, Equatable {
        package var count = 0
        package var bytes = 0

        package init() {}

        mutating func add(_ size: Int) {
            count += 1
            bytes += size
        }
    }

    /// Restore points that were deleted, oldest first, and the bytes of their manifests.
    package var points: [RestorePointID] = []
    package var manifestBytes = 0
    /// Restore points that stay.
    package var keptPoints = 0
    /// Packs before, all kinds.
    package var packs = Amount()
    /// Packs that nothing needs, condemned by this prune.
    package var condemned = Amount()
    /// Packs that were mostly garbage or small: what they hold of use was copied into new packs, and they were condemned.
    package var repacked = Amount()
    /// The new packs.
    package var rewritten = Amount()
    /// Condemned packs, of this prune or an earlier one, whose space was given back.
    package var deleted = Amount()
    /// Condemned packs that wait for the grace or for work that goes on beside.
    package var waiting = Amount()
    /// Condemned packs that turned out to be needed again.
    package var resurrected = Amount()
    /// Leases of dead sessions that were removed.
    package var deadSessions = 0
    /// Sessions of backups, restores and checks that work beside.
    package var liveSessions = 0
    /// Wall time in seconds.
    package var seconds = 0.0

    /// Bytes that the repository is smaller by.
    package var freedBytes: Int { deleted.bytes + manifestBytes - rewritten.bytes }
    /// Bytes that it will be smaller by when nothing waits any more.
    package var reclaimableBytes: Int { freedBytes + waiting.bytes }

    package init() {}
}
