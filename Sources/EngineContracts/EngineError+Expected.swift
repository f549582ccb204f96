import Engine

extension EngineError {
    /// Runs `body`, which must fail with an error of one of `kinds`.
    /// - Throws: `ContractFailure` when it succeeds, or fails with another kind.
    @discardableResult
    static func expected(
        _ kinds: EngineError.Kind..., from what: String, _ body: () async throws -> Void
    ) async throws -> EngineError {
        let wanted = kinds.map { "`\($0.rawValue)`" }.joined(separator: " or ")
        do {
            try await body()
        } catch let error as EngineError {
            guard kinds.contains(error.kind) else {
                throw ContractFailure("\(what) failed as `\(error.kind.rawValue)`, not as \(wanted): \(error)")
            }
            try require(!error.message.isEmpty, "\(what) failed without a message")
            return error
        } catch {
            throw ContractFailure("\(what) threw something that is no EngineError: \(error)")
        }
        throw ContractFailure("\(what) succeeded; it must fail as \(wanted)")
    }
}
