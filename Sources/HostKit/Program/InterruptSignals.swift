import Glibc
import Synchronization

/// SIGINT and SIGTERM, caught on a thread of their own from the moment this is made.
///
/// The first one calls the action that was set; the second one ends the process with code 130.
struct InterruptSignals: Sendable {
    private let state = State()

    /// Blocks both signals in this thread and in every thread it starts; make it before any other starts.
    init() {
        signal(SIGPIPE, SIG_IGN)
        var set = Self.set
        pthread_sigmask(SIG_BLOCK, &set, nil)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let state = Unmanaged<State>.fromOpaque(argument).takeRetainedValue()
                while true { state.arrived(InterruptSignals.wait()) }
            }, Unmanaged.passRetained(state).toOpaque())
        precondition(code == 0, "the system refuses to start a thread")
        pthread_detach(thread)
    }

    /// Sets what the first signal does; at once, when it has come already.
    func onFirst(_ action: @escaping @Sendable () -> Void) {
        if state.set(action) { action() }
    }

    private static var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGTERM)
        return set
    }

    private static func wait() -> Int32 {
        var set = set
        var number: Int32 = 0
        sigwait(&set, &number)
        return number
    }

    private final class State: Sendable {
        private let values = Mutex<(count: Int, action: (@Sendable () -> Void)?)>((0, nil))

        func set(_ action: @escaping @Sendable () -> Void) -> Bool {
            values.withLock { values in
                values.action = action
                return values.count > 0
            }
        }

        func arrived(_ number: Int32) {
            let (count, action) = values.withLock { values in
                values.count += 1
                return (values.count, values.action)
            }
            if count > 1 { _exit(130) }
            action?()
        }
    }
}
