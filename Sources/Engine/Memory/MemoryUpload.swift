import Synchronization

/// An object on its way into memory.
final class MemoryUpload: ObjectUpload {
    private enum State {
        case open([UInt8])
        case finished, abandoned
    }

    private let key: ObjectKey
    private let store: MemoryStore
    private let state = Mutex(State.open([]))

    init(_ key: ObjectKey, in store: MemoryStore) {
        self.key = key
        self.store = store
    }

    func append(_ buffer: Buffer, _ range: Range<Int>) async throws(EngineError) {
        var bytes = try take() ?? []
        buffer.withBytes(range) { span in span.withUnsafeBytes { bytes.append(contentsOf: $0) } }
        let whole = bytes
        state.withLock { $0 = .open(whole) }
    }

    func finish() async throws(EngineError) {
        guard let bytes = try take() else { return }
        do throws(EngineError) {
            try store.put(key, bytes)
        } catch {
            state.withLock { $0 = .open(bytes) }
            throw error
        }
        state.withLock { $0 = .finished }
    }

    func abandon() async {
        state.withLock { state in if case .open = state { state = .abandoned } }
    }

    /// What was appended, without a copy of it staying behind; nil when the upload is finished.
    private func take() throws(EngineError) -> [UInt8]? {
        try state.withLock { state throws(EngineError) in
            switch state {
            case .open(let bytes):
                state = .open([])
                return bytes
            case .finished: return nil
            case .abandoned: throw EngineError(.bug, "the upload of \(key) goes on after it was given up")
            }
        }
    }
}
