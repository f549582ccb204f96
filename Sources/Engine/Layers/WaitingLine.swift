import Synchronization

/// A line in front of so many places: whoever comes first is served first, and whoever is cancelled while waiting leaves
/// it.
package final class WaitingLine: Sendable {
    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        var next = 0
        var waiters: [Waiter] = []
    }

    private let state: Mutex<State>

    package init(places: Int) { state = Mutex(State(free: places)) }

    /// How many wait.
    var count: Int { state.withLock { $0.waiters.count } }

    /// Waits for a place and holds it while `body` runs.
    /// - Throws: `.cancelled` when the task is cancelled while it waits; whatever `body` throws.
    package func pass<R: Sendable>(_ body: () async throws(EngineError) -> R) async throws(EngineError) -> R {
        try await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async throws(EngineError) {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        let isServed = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let answer = arrive(Waiter(number: number, continuation: continuation)) {
                    continuation.resume(returning: answer)
                }
            }
        } onCancel: {
            giveUp(number)
        }
        guard isServed else { throw EngineError(.cancelled, "cancelled") }
    }

    /// True when there is a free place, false when it is too late to wait, nil when the waiter stands in line.
    private func arrive(_ waiter: Waiter) -> Bool? {
        state.withLock { state in
            if state.free > 0 {
                state.free -= 1
                return true
            }
            // Set before the handler runs: either it is seen here, or the handler finds the waiter.
            if Task.isCancelled { return false }
            state.waiters.append(waiter)
            return nil
        }
    }

    private func giveUp(_ number: Int) {
        let waiter = state.withLock { state -> Waiter? in
            state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: false)
    }

    private func leave() {
        let next = state.withLock { state -> Waiter? in
            guard !state.waiters.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiters.removeFirst()
        }
        next?.continuation.resume(returning: true)
    }
}
