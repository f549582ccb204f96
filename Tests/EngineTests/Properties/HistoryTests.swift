import Testing

@testable import Engine

/// Random histories of a repository against a plain model.
///
/// `AHVAULT_HISTORIES=500 AHVAULT_HISTORIES_FIRST=1000` lives through more, and others.
@Suite("Random histories")
struct HistoryTests {
    private static let count = ProcessEnvironment.number("AHVAULT_HISTORIES") ?? 12
    private static let first = ProcessEnvironment.number("AHVAULT_HISTORIES_FIRST") ?? 0
    private static let all = (first..<(first + count)).map { History(seed: UInt64($0)) }

    @Test("every restore point stays what it was, and what none needs goes, whatever happens", arguments: all)
    func history(history: History) async throws {
        guard let difference = await Self.difference(history) else { return }
        let shortest = await history.shortened { await Self.difference($0) != nil }
        let last = await Self.difference(shortest) ?? difference
        Issue.record("\(last)\n\(shortest.listing)")
    }

    private static func difference(_ history: History) async -> String? {
        do {
            try await HistoryModel.live(history)
            return nil
        } catch {
            return "\(error)"
        }
    }
}
