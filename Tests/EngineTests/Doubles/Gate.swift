import Synchronization

/// Holds somebody up until the test lets them pass.
final class Gate: Sendable {
    private struct State {
        var isReached = false
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Called by whoever is held up; returns when it may go on.
    func passed() async {
        await wait {
            $0.isReached = true
        } until: {
            $0.isOpen
        }
    }

    /// Returns when somebody stands at the gate.
    func reached() async {
        await wait { _ in
        } until: {
            $0.isReached
        }
    }

    func letPass() { change { $0.isOpen = true } }

    private func change(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private func wait(_ arrive: (inout State) -> Void, until isDone: @Sendable (State) -> Bool) async {
        change(arrive)
        while !state.withLock({ isDone($0) }) {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    guard !isDone(state) else { return true }
                    state.waiters.append(continuation)
                    return false
                }
                if isDone { continuation.resume() }
            }
        }
    }
}
