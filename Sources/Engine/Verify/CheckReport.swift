/// What a check of a repository found.
package struct CheckReport: Sendable, Codable {
    /// Something wrong with one object, and what it costs.
    package struct Damage: Sendable, Codable {
        /// The object's key.
        package let object: String
        package let reason: String
        /// The damaged bytes of the object, ascending; empty when it is not known, or all of it.
        package var ranges: [ObjectRange] = []
        /// Blobs of the object that cannot be read from it.
        package var blobs = 0
        /// How many of them another pack has in a good copy.
        package var copies = 0
        /// Whether the pack's parity brings all of it back: readers use it, and a repair makes it last.
        package var isHealable = false
        /// The parts of restore points that cannot be restored because of it; empty when nothing is lost.
        package var hits: [Hit] = []
        /// Whether a repair has marked all of it: backups and readers keep off it, and a prune takes it away.
        package var isMarked = false
    }

    /// Bytes of an object.
    package struct ObjectRange: Sendable, Codable, Hashable {
        package let start: Int
        package let end: Int
    }

    /// A part of a restore point.
    package struct Hit: Sendable, Codable, Hashable {
        package let point: RestorePointID
        package let vm: String
        /// `scsi.0`; nil when the whole restore point is hit.
        package let disk: String?
        /// Bytes of the disk; nil when all of it is hit.
        package let start: UInt64?
        package let end: UInt64?
    }

    /// How much of the packs was decoded and found good not long ago.
    package struct Recency: Sendable, Codable, Equatable {
        package let days: Int
        /// Of the packs' bytes, 0 to 1.
        package let share: Double
    }

    package let depth: String
    package let restorePoints: Int
    package let packs: Int
    /// Packs that were read whole.
    package let packsRead: Int
    package let bytesRead: UInt64
    /// What is wrong and not made good.
    package let damages: [Damage]
    /// Damage that costs nothing any more: marked by a repair, and everything of it has good copies.
    package let settled: [Damage]
    /// Empty when nothing is remembered of earlier checks.
    package let recency: [Recency]
    package let notes: [String]
    /// Wall time in seconds.
    package let seconds: Double

    package var isClean: Bool { damages.isEmpty }
    /// Every restore point that lost something.
    package var damagedPoints: Set<RestorePointID> { Set(damages.flatMap(\.hits).map(\.point)) }
}
