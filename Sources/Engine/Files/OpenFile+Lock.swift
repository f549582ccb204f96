import Glibc

/// What became of an attempt to lock a file.
package enum LockOutcome: Sendable, Equatable {
    /// The lock is ours until the file is closed or the process ends, however it ends.
    case held
    /// Somebody living on this machine holds it.
    case taken
    /// The file system has no locks.
    case unsupported
}

extension OpenFile {
    /// Takes the file's advisory lock (`flock`), which tells others on this machine that its owner lives.
    package func lock(waits: Bool) -> LockOutcome {
        while flock(descriptor, LOCK_EX | (waits ? 0 : LOCK_NB)) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return .taken
            default: return .unsupported
            }
        }
        return .held
    }

    /// Gives the lock back at once. Closing the file would do too, but not while a process that another thread is starting
    /// holds a copy of it.
    package func unlock() { flock(descriptor, LOCK_UN) }
}
