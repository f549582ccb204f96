import Synchronization

/// A fixed number of buffers. Whoever needs one waits for it: the pool is the back-pressure, and bounds the memory.
package final class BufferPool: Sendable {
    private struct State {
        var free: [Buffer] = []
        var made = 0
        var waiting: [CheckedContinuation<Buffer, Never>] = []
    }

    private let state = Mutex(State())
    private let limit: Int
    private let capacity: Int

    /// - Parameters: how many buffers there are at most, and the bytes of each.
    package init(limit: Int, capacity: Int) {
        self.limit = limit
        self.capacity = capacity
    }

    /// An empty buffer. It must be given back by `release`.
    package func acquire() async -> Buffer {
        await withCheckedContinuation { continuation in
            let buffer: Buffer? = state.withLock { state in
                if let buffer = state.free.popLast() { return buffer }
                if state.made < limit {
                    state.made += 1
                    return Buffer(capacity: capacity)
                }
                state.waiting.append(continuation)
                return nil
            }
            if let buffer { continuation.resume(returning: buffer) }
        }
    }

    package func release(_ buffer: Buffer) {
        buffer.removeAll()
        let next: CheckedContinuation<Buffer, Never>? = state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free.append(buffer)
            return nil
        }
        next?.resume(returning: buffer)
    }
}
