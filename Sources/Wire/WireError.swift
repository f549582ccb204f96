/// What went wrong on a connection, said so that the caller can decide and an administrator can act.
///
/// The message never holds a secret: neither headers nor bodies of requests nor CHAP secrets are copied into it.
package struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the caller may do about it.
    package enum Kind: Sendable, Equatable {
        /// The peer cannot be reached: name, route, refused connection.
        case unreachable
        /// A time limit passed.
        case timedOut
        /// The peer's certificate is not the one that is trusted; with the fingerprint seen, when there was one.
        case untrusted(seen: CertificateFingerprint?)
        /// The calling task was cancelled.
        case cancelled
        /// An established connection broke. What was in flight may or may not have happened.
        case connectionLost
        /// The peer answered something that its protocol does not allow.
        case protocolViolation
        /// The answer is larger than the caller is ready to hold.
        case tooLarge
        /// The peer knows us and refuses: wrong secret, or no permission.
        case denied
        /// The peer has no such target.
        case notFound
        /// The device answered with an error of its own.
        case refusedByDevice
        /// The request itself is wrong, or a local file is missing.
        case configuration
        /// The connection was closed by its owner.
        case closed
    }

    package let kind: Kind
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// Whether the same request may succeed on a new connection.
    package var isRetryable: Bool {
        switch kind {
        case .unreachable, .timedOut, .connectionLost: true
        default: false
        }
    }

    package var description: String { message }
}
