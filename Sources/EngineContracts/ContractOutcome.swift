/// What became of a promise that was tried and not broken.
public enum ContractOutcome: String, Sendable {
    case kept
    /// The plug-in says that it lacks what the promise is about, as it may.
    case notOffered
}

/// Ends a case whose subject a plug-in does not offer.
struct NotOffered: Error {}
