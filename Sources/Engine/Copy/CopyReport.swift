/// What a copy did, or what its dry run expects, restore point by restore point.
package struct CopyReport: Sendable {
    package struct Point: Sendable {
        package let id: RestorePointID
        /// Nil when its manifest cannot be read.
        package let vm: Manifest.VM?
        /// What went over, or why the restore point is not at the destination.
        package let result: Result<CopyAmount, EngineError>
        /// What of the source cannot be read. Others may be damaged too: a copy of a restore point ends at the first
        /// part of a disk with damage.
        package let damages: [CopyDamage]
    }

    /// In the order in which they were copied.
    package internal(set) var points: [Point] = []
    /// Chosen, and at the destination before.
    package internal(set) var present = 0
    /// Chosen, and left out since the destination has a newer one of the VM.
    package internal(set) var older = 0
    /// Objects written at the destination, whole.
    package internal(set) var totals = StorageTotals()
    /// Whether nothing was done, and the amounts are what a copy would move.
    package let isDryRun: Bool
    /// Whether a dry run could not tell what the destination has: then the amounts are the most that may move.
    package internal(set) var isUpperBound = false
    /// Wall time in seconds.
    package internal(set) var seconds = 0.0

    init(isDryRun: Bool) { self.isDryRun = isDryRun }

    package var copied: [Point] { points.filter { (try? $0.result.get()) != nil } }
    package var failed: [Point] { points.filter { (try? $0.result.get()) == nil } }
    package var amount: CopyAmount { points.compactMap { try? $0.result.get() }.reduce(CopyAmount(), +) }
}

/// How much went from one repository to another. Blobs are chunks and VM configurations; maps of disks are not counted.
package struct CopyAmount: Sendable, Codable, Equatable {
    /// Bytes read from packs of the source: blobs with their headers, and what lay between them.
    package var read: UInt64 = 0
    /// Blobs that moved as they were stored, and their bytes.
    package var moved = 0
    package var movedBytes: UInt64 = 0
    /// Blobs that were encoded anew, and their bytes at the destination.
    package var encoded = 0
    package var encodedBytes: UInt64 = 0
    /// Bytes of the disks in these blobs, decoded.
    package var raw: UInt64 = 0

    package init() {}

    /// Bytes that the destination got.
    package var bytes: UInt64 { movedBytes + encodedBytes }

    package static func + (a: CopyAmount, b: CopyAmount) -> CopyAmount {
        var sum = a
        sum.read += b.read
        sum.moved += b.moved
        sum.movedBytes += b.movedBytes
        sum.encoded += b.encoded
        sum.encodedBytes += b.encodedBytes
        sum.raw += b.raw
        return sum
    }
}
