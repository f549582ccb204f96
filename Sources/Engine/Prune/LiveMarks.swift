import Synchronization

/// Which blobs of a repository are in use: one bit for each row of the table of all blobs.
///
/// Of several copies of a blob exactly one is marked, chosen by rules that every prune follows alike: one that is not to
/// be avoided before one that is, then the smallest pack name.
final class LiveMarks: Sendable {
    let table: MappedRun
    private let avoided: AvoidedCopies

    private struct State {
        var bits: [UInt64]
        /// Blobs in use that the table does not have: newer than it, or lost.
        var strangers: Set<Digest> = []
        /// Packs with a row that was marked since `follow` was called.
        var followed: Set<PackID>?
    }

    private let state: Mutex<State>

    /// Marks what is referred to.
    /// - Parameter avoided: copies that count only where there is no other.
    /// - Throws: `.corrupt` when the table was cut short.
    init(_ references: BlobReferences, avoided: AvoidedCopies) throws(EngineError) {
        table = references.table
        self.avoided = avoided
        var marked = State(bits: Array(repeating: 0, count: (table.count + 63) / 64))
        let table = table
        try references.forEachUsed { used throws(EngineError) in
            guard let first = used.row else {
                marked.strangers.insert(used.id)
                return
            }
            let row = used.copies == 1 ? first : Self.chosen(of: used.id, first..<first + used.copies, table, avoided)
            marked.bits[row / 64] |= 1 << UInt64(row % 64)
        }
        state = Mutex(marked)
    }

    /// Marks the blob; true the first time.
    func mark(_ id: Digest) -> Bool {
        guard let row = row(of: id) else { return state.withLock { $0.strangers.insert(id).inserted } }
        let (word, bit) = (row / 64, UInt64(1) << UInt64(row % 64))
        return state.withLock { state in
            guard state.bits[word] & bit == 0 else { return false }
            state.bits[word] |= bit
            if state.followed != nil { state.followed?.insert(table.packs[table.packNumber(at: row)].id) }
            return true
        }
    }

    /// The row whose copy counts.
    private func row(of id: Digest) -> Int? {
        let rows = table.rows(of: id)
        guard rows.count > 1 else { return rows.first }
        return Self.chosen(of: id, rows, table, avoided)
    }

    private static func chosen(
        of id: Digest, _ rows: Range<Int>, _ table: MappedRun, _ avoided: AvoidedCopies
    ) -> Int {
        rows.min { a, b in
            let (packA, packB) = (table.packs[table.packNumber(at: a)].id, table.packs[table.packNumber(at: b)].id)
            let (isAvoidedA, isAvoidedB) = (avoided.contains(id, in: packA), avoided.contains(id, in: packB))
            return isAvoidedA == isAvoidedB ? packA < packB : isAvoidedB
        } ?? rows.lowerBound
    }

    /// From now on remembers the packs of newly marked blobs.
    func follow() { state.withLock { $0.followed = [] } }

    /// Packs of blobs marked since `follow`.
    var followed: Set<PackID> { state.withLock { $0.followed ?? [] } }

    /// Says of each row whether it is in use now.
    var snapshot: (Int) -> Bool {
        let bits = state.withLock { $0.bits }
        return { row in bits[row / 64] & (1 << UInt64(row % 64)) != 0 }
    }
}
