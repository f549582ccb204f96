/// The one error of the engine and its plug-ins.
///
/// `kind` says what a caller may do about it, `isRetryable` whether the same call may succeed later, `message` what
/// failed and what the administrator can do. `context` grows on the way up, outermost first; the kind never changes.
/// A message never holds a secret.
public struct EngineError: Error, Sendable {
    public let kind: Kind
    public let isRetryable: Bool
    public let message: String
    public private(set) var context: [String] = []

    public init(_ kind: Kind, _ message: String, isRetryable: Bool = false) {
        self.kind = kind
        self.message = message
        self.isRetryable = isRetryable
    }

    /// The same error, seen from one place further out.
    public func at(_ place: String) -> EngineError {
        var copy = self
        copy.context.insert(place, at: 0)
        return copy
    }

    /// Any error as an `EngineError`: cancellation keeps its meaning, the unforeseen becomes `.bug`.
    public init(_ error: any Error) {
        switch error {
        case let error as EngineError: self = error
        case is CancellationError: self.init(.cancelled, "cancelled")
        default: self.init(.bug, "unexpected error: \(error)")
        }
    }
}

extension EngineError {
    /// What a caller may do about an error.
    public enum Kind: String, Sendable, Hashable {
        /// The configuration or the command line is wrong: nothing was tried.
        case configuration
        /// What was named is not there.
        case notFound
        /// The name is taken.
        case alreadyExists
        /// The other side knows us and refuses, or does not accept our credentials.
        case denied
        /// Encrypted, and there is no key for it here.
        case locked
        /// No connection, or it broke.
        case unreachable
        /// The other side did not finish within the time limit.
        case timedOut
        /// The other side asks for fewer calls.
        case rateLimited
        /// The other side tried and failed.
        case failed
        /// Bytes are not what they must be.
        case corrupt
        /// Beyond what this version, or the other side, can do.
        case unsupported
        /// No room left at the target.
        case noSpace
        /// Stopped on request.
        case cancelled
        /// A mistake of ours.
        case bug
    }
}

extension EngineError: CustomStringConvertible {
    public var description: String {
        (context + [message]).joined(separator: " › ")
    }
}
