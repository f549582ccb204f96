import Glibc
import Synchronization

/// Threads of our own for calls that block and for the data path, so that Swift's shared pool never stands still.
///
/// Used as `withTaskExecutorPreference(BlockingThreads.shared)`; child tasks inherit it (SE-0417).
public final class BlockingThreads: TaskExecutor {
    /// As many threads as reads, writes and lanes can be in flight at once.
    public static let shared = BlockingThreads(count: 24)

    private let queue = JobQueue()

    init(count: Int) {
        for _ in 0..<count { Self.start(queue: queue, executor: asUnownedTaskExecutor()) }
    }

    public func enqueue(_ job: consuming ExecutorJob) { queue.push(UnownedJob(job)) }

    private static func start(queue: JobQueue, executor: UnownedTaskExecutor) {
        let loop = ThreadLoop(queue: queue, executor: executor)
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 1 << 20)
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<ThreadLoop>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(loop).toOpaque())
        pthread_attr_destroy(&attributes)
        precondition(code == 0, "the system refuses to start a thread")
    }
}

/// What one thread does for as long as the program runs.
private final class ThreadLoop {
    private let queue: JobQueue
    private let executor: UnownedTaskExecutor

    init(queue: JobQueue, executor: UnownedTaskExecutor) {
        self.queue = queue
        self.executor = executor
    }

    func run() {
        while true { queue.pop().runSynchronously(on: executor) }
    }
}

/// Jobs waiting for a thread.
private final class JobQueue: @unchecked Sendable {
    // Sendable because `jobs` and `head` are only touched with `lock` held.
    private var jobs: [UnownedJob] = []
    private var head = 0
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let filled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(lock, nil)
        pthread_cond_init(filled, nil)
    }

    deinit {
        pthread_cond_destroy(filled)
        pthread_mutex_destroy(lock)
        filled.deallocate()
        lock.deallocate()
    }

    func push(_ job: UnownedJob) {
        pthread_mutex_lock(lock)
        jobs.append(job)
        pthread_mutex_unlock(lock)
        pthread_cond_signal(filled)
    }

    func pop() -> UnownedJob {
        pthread_mutex_lock(lock)
        while head == jobs.count { pthread_cond_wait(filled, lock) }
        let job = jobs[head]
        head += 1
        if head == jobs.count || head > 1024 {
            jobs.removeFirst(head)
            head = 0
        }
        pthread_mutex_unlock(lock)
        return job
    }
}
