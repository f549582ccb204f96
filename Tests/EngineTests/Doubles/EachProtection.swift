import Testing

/// Runs a test twice: with a repository in clear, and with an encrypted one.
struct EachProtection: TestTrait, SuiteTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await function()
        guard testCase != nil else { return }
        try await TestRepository.$usualPassphrase.withValue("a horse that nobody corrects") { try await function() }
    }
}

extension Trait where Self == EachProtection {
    static var plainAndEncrypted: EachProtection { EachProtection() }
}
