import Synchronization

/// Compression contexts kept between calls: making one costs more than compressing a chunk with it.
///
/// Holds as many as were ever in use at once; they are freed with the codec.
final class ContextPool<Context: Sendable>: Sendable {
    private let free: Mutex<[Context]>
    private let make: @Sendable () -> Context

    init(_ make: @escaping @Sendable () -> Context) {
        self.make = make
        var contexts: [Context] = []
        // Room for more threads than a run has, so that returning a context never allocates.
        contexts.reserveCapacity(64)
        free = Mutex(contexts)
    }

    /// Runs `body` with a context that nobody else uses meanwhile.
    @inline(__always)
    func withContext<R>(_ body: (Context) -> R) -> R {
        let context = free.withLock { $0.popLast() } ?? make()
        defer { free.withLock { $0.append(context) } }
        return body(context)
    }
}
