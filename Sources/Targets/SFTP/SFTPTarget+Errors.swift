import Engine
import Wire

extension EngineError {
    /// What went wrong on the way to an SFTP server or at it.
    init(sftp error: WireError, _ what: String, on place: String) {
        let kind: EngineError.Kind =
            switch error.kind {
            case .unreachable, .connectionLost, .closed: .unreachable
            case .timedOut: .timedOut
            case .untrusted, .denied: .denied
            case .cancelled: .cancelled
            case .protocolViolation, .refusedByDevice: .failed
            case .tooLarge: .corrupt
            case .notFound: .notFound
            case .configuration: .configuration
            }
        self.init(kind, "cannot \(what) on \(place): \(error.message)", isRetryable: error.isRetryable)
    }
}
