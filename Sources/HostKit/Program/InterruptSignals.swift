import Glibc
import Synchronization

/// SIGINT and SIGTERM from the moment this is made: the first one calls the action that was set, the second one ends the
/// process with code 130.
///
/// A handler, and not a blocked signal with a waiting thread: Swift's run loop keeps a thread that lets every signal in.
struct InterruptSignals: Sendable {
    private let state = State()

    init() {
        signal(SIGPIPE, SIG_IGN)
        let descriptor = SignalPipe.readingEnd
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let state = Unmanaged<State>.fromOpaque(argument).takeRetainedValue()
                while SignalPipe.wait() { state.arrived() }
                return nil
            }, Unmanaged.passRetained(state).toOpaque())
        precondition(descriptor >= 0 && code == 0, "the system refuses to start a thread")
        pthread_detach(thread)
        var handler = sigaction()
        handler.__sigaction_handler.sa_handler = { _ in SignalPipe.signalled() }
        handler.sa_flags = SA_RESTART
        for number in [SIGINT, SIGTERM] { sigaction(number, &handler, nil) }
    }

    /// Sets what the first signal does; at once, when it has come already.
    func onFirst(_ action: @escaping @Sendable () -> Void) {
        if state.set(action) { action() }
    }

    private final class State: Sendable {
        private let values = Mutex<(count: Int, action: (@Sendable () -> Void)?)>((0, nil))

        func set(_ action: @escaping @Sendable () -> Void) -> Bool {
            values.withLock { values in
                values.action = action
                return values.count > 0
            }
        }

        func arrived() {
            let (count, action) = values.withLock { values in
                values.count += 1
                return (values.count, values.action)
            }
            if count > 1 { _exit(130) }
            action?()
        }
    }
}

/// The pipe by which a handler, which may do next to nothing, wakes a thread, which may do everything.
private enum SignalPipe {
    private static let ends: (reading: Int32, writing: Int32) = {
        var ends: [Int32] = [-1, -1]
        return pipe(&ends) == 0 ? (ends[0], ends[1]) : (-1, -1)
    }()

    /// Makes the pipe; -1 when the system refuses.
    static var readingEnd: Int32 { ends.reading }

    /// Safe in a handler once the pipe is made.
    static func signalled() {
        let before = errno
        var byte: UInt8 = 0
        _ = write(ends.writing, &byte, 1)
        errno = before
    }

    static func wait() -> Bool {
        var byte: UInt8 = 0
        while true {
            let count = read(ends.reading, &byte, 1)
            if count < 0, errno == EINTR { continue }
            return count == 1
        }
    }
}
