import Synchronization

/// A fixed number of encoders. Whoever needs one waits for it: as many blocks are deflated at once as the machine has
/// processors for.
final class DeflateEncoders: Sendable {
    private struct State {
        var free: [DeflateEncoder] = []
        var made = 0
        var waiting: [CheckedContinuation<DeflateEncoder, Never>] = []
    }

    private let state = Mutex(State())
    private let limit: Int
    private let make: @Sendable () -> DeflateEncoder

    init(limit: Int, _ make: @escaping @Sendable () -> DeflateEncoder) {
        self.limit = limit
        self.make = make
    }

    /// An encoder that nobody else uses. It must be given back by `release`.
    func acquire() async -> DeflateEncoder {
        await withCheckedContinuation { continuation in
            let encoder: DeflateEncoder? = state.withLock { state in
                if let encoder = state.free.popLast() { return encoder }
                if state.made < limit {
                    state.made += 1
                    return make()
                }
                state.waiting.append(continuation)
                return nil
            }
            if let encoder { continuation.resume(returning: encoder) }
        }
    }

    func release(_ encoder: DeflateEncoder) {
        let next: CheckedContinuation<DeflateEncoder, Never>? = state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free.append(encoder)
            return nil
        }
        next?.resume(returning: encoder)
    }
}
