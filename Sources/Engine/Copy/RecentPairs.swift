import Synchronization

/// A memory of bounded size for what was found out last: when it is full, the older half is forgotten.
final class RecentPairs<Value: Sendable>: Sendable {
    private struct State {
        var young: [Digest: Value] = [:]
        var old: [Digest: Value] = [:]
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: entries, of which there are at most twice as many.
    init(limit: Int) { self.limit = limit }

    subscript(id: Digest) -> Value? {
        get { state.withLock { $0.young[id] ?? $0.old[id] } }
        set {
            guard let newValue else { return }
            state.withLock { state in
                state.young[id] = newValue
                guard state.young.count >= limit else { return }
                state.old = state.young
                state.young = [:]
            }
        }
    }
}
