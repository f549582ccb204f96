import Engine
import Wire

extension EngineError {
    /// A failure of the connection, seen from the call that met it.
    init(_ error: WireError, during what: String) {
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
        self.init(kind, "cannot \(what): \(error.message)", isRetryable: error.isRetryable)
    }
}
