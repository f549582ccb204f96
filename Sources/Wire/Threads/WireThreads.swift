import Glibc

/// A small pool of threads for calls that block, so that they never hold a thread of the shared task pool.
///
/// Threads are started when work waits and none is idle, up to the limit, and live as long as the program.
// Proof of @unchecked Sendable: every stored variable is touched only between lock and unlock of `mutex`.
package final class WireThreads: @unchecked Sendable {
    /// The pool that HTTP transfers use unless they are given another.
    package static let shared = WireThreads(limit: 16)
    /// The pool of bulk transfers, so that they do not hold up short requests.
    package static let bulk = WireThreads(limit: 64)

    private let limit: Int
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let wake: UnsafeMutablePointer<pthread_cond_t>
    private var waiting: [@Sendable () -> Void] = []
    private var threads = 0
    private var idle = 0

    /// A pool of at most `limit` threads.
    init(limit: Int) {
        self.limit = max(1, limit)
        mutex = .allocate(capacity: 1)
        wake = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wake, nil)
    }

    /// Runs `work` on a thread of the pool and gives back what it returned.
    /// - Throws: what `work` throws, or `unreachable` if no thread could be started.
    package func run<Value: Sendable>(
        _ work: @escaping @Sendable () -> Result<Value, WireError>
    ) async throws(WireError) -> Value {
        let result: Result<Value, WireError> = await withCheckedContinuation { continuation in
            do throws(WireError) {
                try enqueue { continuation.resume(returning: work()) }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    private func enqueue(_ job: @escaping @Sendable () -> Void) throws(WireError) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if idle <= waiting.count, threads < limit {
            do {
                try PosixThread.start { self.serve() }
                threads += 1
            } catch {
                if threads == 0 { throw error }
            }
        }
        waiting.append(job)
        pthread_cond_signal(wake)
    }

    private func serve() {
        while true { next()() }
    }

    private func next() -> @Sendable () -> Void {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        idle += 1
        while waiting.isEmpty { pthread_cond_wait(wake, mutex) }
        idle -= 1
        return waiting.removeFirst()
    }
}
