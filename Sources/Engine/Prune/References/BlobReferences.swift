import Synchronization

/// How often each blob of a repository is referred to: once for each place in a node that is in use itself, and once for
/// each restore point whose root it is. A blob is in use when it is referred to at all.
///
/// Two bytes of memory for each blob.
final class BlobReferences: Sendable {
    let table: MappedRun

    private struct State {
        /// By the first row of each blob.
        var counts: [UInt16]
        /// Of blobs that the table does not have: newer than it, or lost.
        var absent: [Digest: UInt16] = [:]
        var isConsistent = true

        init(rows: Int) { counts = Array(repeating: 0, count: rows) }
    }

    private let state: Mutex<State>
    /// A count that got here stays, as nobody knows how many more there were; the blob is kept until all is counted anew.
    private static let most = UInt16.max

    init(_ table: MappedRun) {
        self.table = table
        state = Mutex(State(rows: table.count))
    }

    /// False when more references were taken away than there were: then nothing can be believed.
    var isConsistent: Bool { state.withLock { $0.isConsistent } }

    /// Forgets everything.
    func reset() { state.withLock { $0 = State(rows: table.count) } }

    /// Counts a reference; true when it is the first, so that what the blob refers to counts from now on.
    func add(_ id: Digest) -> Bool {
        change(id) { count, _ in
            if count < Self.most { count += 1 }
            return count == 1
        }
    }

    /// Takes a reference away; true when it was the last, so that what the blob refers to counts no longer.
    func remove(_ id: Digest) -> Bool {
        change(id) { count, isConsistent in
            guard count > 0 else {
                isConsistent = false
                return false
            }
            if count < Self.most { count -= 1 }
            return count == 0
        }
    }

    private func change(_ id: Digest, _ body: (inout UInt16, inout Bool) -> Bool) -> Bool {
        let row = table.row(of: id)
        return state.withLock { state in
            guard let row else { return body(&state.absent[id, default: 0], &state.isConsistent) }
            return body(&state.counts[row], &state.isConsistent)
        }
    }

    /// Takes counts over, which come ascending by id.
    /// - Throws: what `next` throws; `.corrupt` for ids out of order.
    func take(from next: () throws(EngineError) -> (id: Digest, count: UInt16)?) throws(EngineError) {
        var taken = State(rows: table.count)
        var cursor = try RunCursor(table)
        var last: Digest?
        while let (id, count) = try next() {
            if let last, last >= id { throw EngineError(.corrupt, "counts of references are out of order") }
            last = id
            while let record = cursor.record, record.id < id { try cursor.advance() }
            if cursor.record?.id == id { taken.counts[cursor.row] = count } else { taken.absent[id] = count }
        }
        state.withLock { [taken] in $0 = taken }
    }

    /// A blob in use.
    struct Used {
        let id: Digest
        /// Its first row in the table, nil when it has none, and how many it has.
        let row: Int?
        let copies: Int
        let count: UInt16
    }

    /// Calls `body` with every blob in use, ascending by id.
    func forEachUsed(_ body: (Used) throws(EngineError) -> Void) throws(EngineError) {
        let (counts, absent) = state.withLock { ($0.counts, $0.absent.filter { $0.value > 0 }) }
        var strangers = absent.sorted { $0.key < $1.key }[...]
        func tellStrangers(before id: Digest?) throws(EngineError) {
            while let stranger = strangers.first, id.map({ stranger.key < $0 }) ?? true {
                try body(Used(id: stranger.key, row: nil, copies: 0, count: stranger.value))
                strangers.removeFirst()
            }
        }
        var cursor = try RunCursor(table)
        while let id = cursor.record?.id {
            let row = cursor.row
            repeat { try cursor.advance() } while cursor.record?.id == id
            guard counts[row] > 0 else { continue }
            try tellStrangers(before: id)
            try body(Used(id: id, row: row, copies: cursor.row - row, count: counts[row]))
        }
        try tellStrangers(before: nil)
    }
}
