import Engine

/// One promise of a plug-in protocol, as a sentence and the code that tries it.
public struct ContractCase<Subject: Sendable>: Sendable, CustomStringConvertible {
    /// The promise.
    public let description: String
    private let body: @Sendable (Subject) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (Subject) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Tries the promise on threads that may block, as the engine does.
    /// - Throws: `ContractFailure` when it is broken; an `EngineError` when the plug-in fails where it must not.
    @discardableResult
    public func run(_ subject: Subject) async throws -> ContractOutcome {
        do {
            try await withTaskExecutorPreference(BlockingThreads.shared) { @concurrent in try await body(subject) }
            return .kept
        } catch is NotOffered {
            return .notOffered
        }
    }
}
