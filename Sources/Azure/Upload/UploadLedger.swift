import Engine
import Synchronization

/// What an upload has sent, and how far it is to be trusted. Tasks of all lanes write into it.
final class UploadLedger: Sendable {
    /// Pages that were sent at once.
    struct Sent: Sendable {
        let range: ByteRange
        /// CRC-64.
        let sum: UInt64
    }

    private struct State {
        var mark: AzureJournal.Mark
        /// Written bytes when the journal was told last.
        var noted: UInt64
        /// Slots on their way.
        var inFlight: Set<UInt64> = []
        /// Bytes written of slots that are behind one on its way.
        var early: [UInt64: UInt64] = [:]
        /// All slots before this byte were begun.
        var begun: UInt64
        var sent: [Sent] = []
        var sentBytes: UInt64 = 0
        var used: UInt64 = 0
        var filled: UInt64 = 0

        mutating func advance() {
            let done = max(mark.done, min(begun, inFlight.min().map { $0 * PageLayout.slot } ?? .max))
            guard done > mark.done else { return }
            mark.done = done
            for slot in early.keys where slot * PageLayout.slot < done {
                mark.written += early.removeValue(forKey: slot) ?? 0
            }
        }
    }

    /// Bytes written between two entries in the journal.
    private static let step: UInt64 = 256 << 20

    private let state: Mutex<State>
    private let keepsSums: Bool
    private let note: @Sendable (AzureJournal.Mark) throws(EngineError) -> Void

    /// - Parameters:
    ///   - mark: where the upload goes on.
    ///   - keepsSums: whether what was sent is to be compared later: 32 bytes for each request.
    ///   - note: makes a mark durable.
    init(
        _ mark: AzureJournal.Mark, keepsSums: Bool,
        note: @escaping @Sendable (AzureJournal.Mark) throws(EngineError) -> Void
    ) {
        self.keepsSums = keepsSums
        self.note = note
        state = Mutex(State(mark: mark, noted: mark.written, begun: mark.done))
    }

    var mark: AzureJournal.Mark { state.withLock { $0.mark } }
    /// Bytes of all pages sent by this run.
    var sentBytes: UInt64 { state.withLock { $0.sentBytes } }
    /// Bytes that hold data, of what this run has sent.
    var used: UInt64 { state.withLock { $0.used } }
    /// In the order of their places.
    var sent: [Sent] { state.withLock { $0.sent.sorted { $0.range.start < $1.range.start } } }

    /// Whether `gap` more bytes of zeros between data may be sent to save a request. All of them together stay below a
    /// sixty-fourth of the data.
    func mayFill(_ gap: UInt64) -> Bool {
        state.withLock { state in
            guard state.filled + gap <= state.used / 64 else { return false }
            state.filled += gap
            return true
        }
    }

    func uses(_ bytes: UInt64) { state.withLock { $0.used += bytes } }

    /// Everything before `offset` was begun.
    func begun(upTo offset: UInt64) {
        state.withLock { state in
            state.begun = max(state.begun, offset)
            state.advance()
        }
    }

    func begin(_ slot: UInt64) { state.withLock { _ = $0.inFlight.insert(slot) } }

    func sent(_ range: ByteRange, sum: UInt64) {
        state.withLock { state in
            state.sentBytes += range.count
            if keepsSums { state.sent.append(Sent(range: range, sum: sum)) }
        }
    }

    /// A slot is whole in Azure.
    func end(_ slot: UInt64, written: UInt64) throws(EngineError) {
        let due: AzureJournal.Mark? = state.withLock { state in
            state.inFlight.remove(slot)
            state.early[slot] = written
            state.advance()
            guard state.mark.written - state.noted >= Self.step else { return nil }
            state.noted = state.mark.written
            return state.mark
        }
        if let due { try note(due) }
    }

    /// Makes durable how far it is, for whoever goes on.
    func noteNow() throws(EngineError) {
        let mark = state.withLock { state in
            state.noted = state.mark.written
            return state.mark
        }
        try note(mark)
    }
}
