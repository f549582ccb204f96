/// What a check of a repository found.
package struct CheckReport: Sendable, Codable {
    /// Something wrong with one object, and what it costs.
    package struct Damage: Sendable, Codable {
        /// The object's key.
        package let object: String
        package let reason: String
        /// The parts of restore points that cannot be restored because of it; empty when nothing is lost.
        package var hits: [Hit]
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

    package let restorePoints: Int
    package let packs: Int
    /// Packs that were read whole.
    package let packsRead: Int
    package let bytesRead: UInt64
    package let damages: [Damage]
    /// Wall time in seconds.
    package let seconds: Double

    package var isClean: Bool { damages.isEmpty }
    /// Every restore point that lost something.
    package var damagedPoints: Set<RestorePointID> { Set(damages.flatMap(\.hits).map(\.point)) }
}
