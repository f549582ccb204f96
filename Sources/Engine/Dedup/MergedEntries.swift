import Synchronization

/// Entries of several runs, gathered in memory to be one run. Copies in packs that are left out, and second mentions of
/// one copy, are dropped.
final class MergedEntries: Sendable {
    private struct State {
        var records: [RunRecord] = []
        var packs: [RunPack] = []
        var numbers: [PackID: Int] = [:]
    }

    private let leftOut: Set<PackID>
    private let state = Mutex(State())

    /// - Parameter most: as many entries as there can be.
    init(leavingOut packs: Set<PackID>, most: Int) {
        leftOut = packs
        state.withLock { $0.records.reserveCapacity(most) }
    }

    func add(_ run: IndexRun) {
        state.withLock { state in
            for entry in run.entries where !leftOut.contains(entry.location.pack) {
                let pack = RunPack(id: entry.location.pack, kind: entry.location.kind)
                let number = state.numbers[pack.id] ?? state.packs.count
                if number == state.packs.count {
                    state.numbers[pack.id] = number
                    state.packs.append(pack)
                }
                state.records.append(RunRecord(entry, packNumber: number))
            }
        }
    }

    /// The run as an object; nil when nothing is left.
    func encoded() -> Buffer? {
        state.withLock { state in
            state.records.sort { ($0.id, $0.packNumber) < ($1.id, $1.packNumber) }
            var records: [RunRecord] = []
            swap(&records, &state.records)
            let count = Self.distinct(records)
            guard count > 0 else { return nil }
            let head = RunHead(packs: state.packs, count: count)
            let buffer = Buffer(capacity: head.runSize)
            buffer.append(head.encoded.span.bytes)
            for position in records.indices where !Self.isRepeated(position, in: records) {
                records[position].append(packNumber: records[position].packNumber, to: buffer)
            }
            buffer.appendChecksum()
            return buffer
        }
    }

    private static func distinct(_ records: [RunRecord]) -> Int {
        records.indices.count { !isRepeated($0, in: records) }
    }

    private static func isRepeated(_ position: Int, in records: [RunRecord]) -> Bool {
        guard position > 0 else { return false }
        let (before, this) = (records[position - 1], records[position])
        return before.id == this.id && before.packNumber == this.packNumber
    }
}
