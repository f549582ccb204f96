import Engine
import Wire

/// What Prism, or the way to it, answered instead of what was asked for.
struct PrismError: Error, Sendable {
    let kind: EngineError.Kind
    /// HTTP status, when there was a reply.
    let status: Int?
    /// Prism's own codes, such as `VMM-30303`.
    let codes: [String]
    /// Prism's own error groups, such as `VM_ETAG_MISMATCH`.
    let groups: [String]
    let message: String
    let isRetryable: Bool
    /// The other side's certificate, when it was refused.
    let seenCertificate: CertificateFingerprint?

    init(_ kind: EngineError.Kind, _ message: String, isRetryable: Bool = false) {
        self.init(kind, message, status: nil, isRetryable: isRetryable)
    }

    init(
        _ kind: EngineError.Kind, _ message: String, status: Int?, codes: [String] = [], groups: [String] = [],
        isRetryable: Bool = false, seenCertificate: CertificateFingerprint? = nil
    ) {
        self.kind = kind
        self.message = message
        self.status = status
        self.codes = codes
        self.groups = groups
        self.isRetryable = isRetryable
        self.seenCertificate = seenCertificate
    }

    init(_ error: WireError) {
        var seen: CertificateFingerprint?
        let kind: EngineError.Kind
        switch error.kind {
        case .unreachable, .connectionLost, .closed: kind = .unreachable
        case .timedOut: kind = .timedOut
        case .untrusted(let fingerprint):
            kind = .denied
            seen = fingerprint
        case .cancelled: kind = .cancelled
        case .denied: kind = .denied
        case .notFound: kind = .notFound
        case .configuration: kind = .configuration
        case .tooLarge, .protocolViolation, .refusedByDevice: kind = .failed
        }
        self.init(kind, error.message, status: nil, isRetryable: error.isRetryable, seenCertificate: seen)
    }

    static var cancelled: PrismError { PrismError(.cancelled, "cancelled") }

    /// The named thing is not there (as opposed to: the path is not served).
    var isMissing: Bool { kind == .notFound }

    /// The state token sent with a write was absent, malformed or old.
    var isStaleETag: Bool {
        if status == 412 || status == 428 { return true }
        return groups.contains { $0.contains("ETAG") } || codes.contains { ["PLAT-10004", "PLAT-10005"].contains($0) }
    }

    var engineError: EngineError { EngineError(kind, message, isRetryable: isRetryable) }

    /// The same error, seen from one place further out.
    func during(_ work: String) -> PrismError {
        PrismError(
            kind, "\(work): \(message)", status: status, codes: codes, groups: groups, isRetryable: isRetryable,
            seenCertificate: seenCertificate)
    }
}

extension EngineError {
    init(_ error: PrismError) { self = error.engineError }
}
