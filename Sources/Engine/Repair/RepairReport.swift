/// What a repair found, healed, and could not heal.
package struct RepairReport: Sendable, Codable {
    /// A damaged pack and what became of its blobs.
    package struct Pack: Sendable, Codable {
        /// The object's key.
        package let object: String
        package let reason: String
        /// Blobs known to be, or to have been, in it.
        package var blobs = 0
        /// Copied into a new pack as they are.
        package var salvaged = 0
        /// Of the salvaged ones, those that parity made good.
        package var byParity = 0
        /// Another pack has a good copy.
        package var elsewhere = 0
        /// There is no good copy; the next backup stores those that the source still has.
        package var lost = 0
        /// Why parity did not help, nil when it did or was not there.
        package var parity: String?
    }

    package let isDryRun: Bool
    package let restorePoints: Int
    package let packsRead: Int
    package let bytesRead: UInt64
    package let packs: [Pack]
    /// Damaged objects that were made anew from others: index runs, parity; or taken away because nobody needs them.
    package let rebuilt: [String]
    /// Packs that got the parity they lacked.
    package let parityWritten: Int
    /// Damaged copies of blobs that were marked now.
    package let marked: Int
    /// Marks that were taken away as nobody needs them any more; objects.
    package let unmarked: Int
    /// What is still lost, with the restore points it hits.
    package let remaining: [CheckReport.Damage]
    package let notes: [String]
    /// Wall time in seconds.
    package let seconds: Double

    package var isWhole: Bool { remaining.isEmpty }
    package var damagedPoints: Set<RestorePointID> { Set(remaining.flatMap(\.hits).map(\.point)) }
}
