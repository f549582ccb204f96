import Engine
import Synchronization

/// A fixed number of buffers, each with a task that sends it: one is filled while the others are on their way. One task
/// takes lanes; it waits when all are busy, which bounds the memory.
final class PageLanes: Sendable {
    private struct State {
        var free: [Int]
        var buffers: [Buffer?]
        var running: [Int: Task<Void, Never>] = [:]
        var failure: EngineError?
        var isStopped = false
        var waiter: CheckedContinuation<Void, Never>?

        mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
            defer { waiter = nil }
            return waiter
        }
    }

    private let state: Mutex<State>

    /// - Parameter count: how many buffers can be on their way at once.
    init(_ count: Int) {
        state = Mutex(State(free: Array(0...count), buffers: Array(repeating: nil, count: count + 1)))
    }

    /// A lane and its buffer, which is nobody else's until the lane is used or given back.
    /// - Throws: what sending another buffer failed with; `.cancelled`.
    func take() async throws(EngineError) -> (number: Int, buffer: Buffer) {
        while true {
            try check()
            let taken = state.withLock { state -> (number: Int, buffer: Buffer)? in
                guard let number = state.free.popLast() else { return nil }
                let buffer = state.buffers[number] ?? Self.buffer()
                state.buffers[number] = buffer
                return (number, buffer)
            }
            if let taken { return taken }
            await pause { !$0.free.isEmpty }
        }
    }

    /// Every byte of it counts as filled, whatever is in it.
    private static func buffer() -> Buffer {
        let buffer = Buffer(capacity: Int(PageLayout.slot))
        buffer.markFilled(buffer.capacity)
        return buffer
    }

    /// Gives a lane back that has nothing to send.
    func giveBack(_ number: Int) {
        let waiter = state.withLock { state in
            state.free.append(number)
            return state.takeWaiter()
        }
        waiter?.resume()
    }

    /// Begins to send; the lane is free again when `body` returns.
    func run(_ number: Int, _ body: @escaping @Sendable () async throws(EngineError) -> Void) {
        state.withLock { state in
            state.running[number] = Task(executorPreference: BlockingThreads.shared) {
                var failure: EngineError?
                do throws(EngineError) {
                    try await body()
                } catch {
                    failure = error
                }
                self.ended(number, failure)
            }
        }
    }

    private func ended(_ number: Int, _ failure: EngineError?) {
        let waiter = state.withLock { state in
            state.running[number] = nil
            state.free.append(number)
            if state.failure == nil { state.failure = failure }
            return state.takeWaiter()
        }
        waiter?.resume()
    }

    /// Waits until nothing is on its way.
    /// - Throws: the first failure; `.cancelled`.
    func drain() async throws(EngineError) {
        while true {
            try check()
            if state.withLock({ $0.running.isEmpty }) { return try check() }
            await pause { $0.running.isEmpty }
        }
    }

    /// Ends everything that is on its way, and waits for that.
    func stop() async {
        let running = state.withLock { state in
            state.isStopped = true
            return Array(state.running.values)
        }
        for task in running { task.cancel() }
        for task in running { await task.value }
    }

    private func check() throws(EngineError) {
        let (failure, isStopped) = state.withLock { ($0.failure, $0.isStopped) }
        if let failure { throw failure }
        if isStopped || Task.isCancelled { throw EngineError(.cancelled, "cancelled") }
    }

    /// Returns when `condition` may hold, something failed, or the task is cancelled.
    private func pause(_ condition: @Sendable (State) -> Bool) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.isStopped || state.failure != nil || condition(state) { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.isStopped = true
                return state.takeWaiter()
            }
            waiter?.resume()
        }
    }
}
