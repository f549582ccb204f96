import Glibc

/// One thread at a time; the others sleep at once. `Mutex` spins first, which suits critical sections far shorter than
/// a write of a disk's data.
final class Turn: @unchecked Sendable {
    // Sendable because the pointer never changes and the C library's lock is made for several threads.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() { pthread_mutex_init(lock, nil) }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    func take<E: Error>(_ body: () throws(E) -> Void) throws(E) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        try body()
    }
}
