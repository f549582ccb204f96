import Glibc

/// A detached thread of our own, for calls that block.
enum PosixThread {
    /// Starts `body` on a new thread. All signals are blocked there, so that a peer that closes its end is an error
    /// code (`EPIPE`) and no signal, and the program's handlers run on the program's own threads.
    /// - Throws: `unreachable` if the system has no thread left.
    static func start(_ body: @escaping @Sendable () -> Void) throws(WireError) {
        let code = create(argument: Unmanaged.passRetained(ThreadBody(run: body)).toOpaque())
        guard code == 0 else {
            throw WireError(.unreachable, "no thread could be started (error \(code)): raise the limit of tasks")
        }
    }

    /// Hands `argument`, a retained `ThreadBody`, to a new thread, or releases it.
    private static func create(argument: UnsafeMutableRawPointer) -> Int32 {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let code = pthread_create(&thread, &attributes, runThreadBody, argument)
        pthread_attr_destroy(&attributes)
        if code != 0 { Unmanaged<ThreadBody>.fromOpaque(argument).release() }
        return code
    }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runThreadBody(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
