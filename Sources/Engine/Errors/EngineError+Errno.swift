import Glibc

extension EngineError {
    /// The error for a failed system call on `subject` (a path or an address); reads `errno` unless `code` is given.
    public static func system(_ action: String, _ subject: String, code given: Int32? = nil) -> EngineError {
        let code = given ?? errno
        let text = String(cString: strerror(code))
        let message = "cannot \(action) \(subject): \(text)"
        switch code {
        case ENOENT, ENOTDIR: return EngineError(.notFound, message)
        case EEXIST, ENOTEMPTY: return EngineError(.alreadyExists, message)
        case EACCES, EPERM, EROFS: return EngineError(.denied, message)
        case ENOSPC, EDQUOT, EFBIG: return EngineError(.noSpace, message + "; free some space and run again")
        case EIO: return EngineError(.corrupt, message)
        case ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, EPIPE:
            return EngineError(.unreachable, message, isRetryable: true)
        default: return EngineError(.failed, message)
        }
    }
}
