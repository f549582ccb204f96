import Foundation
import Synchronization
import Testing

/// Two proxies that back up and a third that prunes, checks, deletes and changes keys, all on one repository at once, each
/// killed at random moments.
///
/// `AHVAULT_STORM` says how many processes are killed on each target; 30 on the local one and 12 on others unless it is set.
@Suite("Kill -9 beside others")
struct StormTests {
    private static let wanted = ProcessInfo.processInfo.environment["AHVAULT_STORM"].flatMap(Int.init)

    @Test(
        "two writers and a pruner killed at random: every restore point stays whole, and the space comes back",
        arguments: TargetKind.chosen)
    func storm(kind: TargetKind) async throws {
        let place = try Workplace("storm")
        try await TargetStage.use(kind, in: place) { try await storm(place, on: $0) }
    }

    private func storm(_ place: Workplace, on target: TargetStage) async throws {
        let budget = KillBudget(Self.wanted ?? (target.kind == .local ? 30 : 12))
        let writers = try [
            StormWriter(place, "anna", seed: 1, on: target), StormWriter(place, "bert", seed: 2, on: target),
        ]
        let keeper = try StormKeeper(place, "carl", seed: 3, on: target)
        try await writers[0].proxy.run("repository", "init")
        for writer in writers { try await writer.begin() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in writers { group.addTask { while budget.isLeft { try await writer.step(budget) } } }
            group.addTask { while budget.isLeft { try await keeper.step(budget) } }
            try await group.waitForAll()
        }
        for writer in writers { try await writer.finish() }
        try await keeper.proxy.run("repository", "prune")
        #expect(try await keeper.proxy.check().damages.isEmpty)
        for writer in writers { try await writer.expectEveryPoint() }
        // What lies behind other servers cannot be looked at from outside.
        let left = place.files(below: "repository").filter { $0.contains("/gc/") || $0.contains("/sessions/") }
        #expect(left == [])
        let again: PruneRecord = try await keeper.proxy.run("repository", "prune", "--dry-run", "--json").document()
        #expect(again.report.condemned.bytes == 0 && again.report.waiting.bytes == 0)
        #expect(again.report.liveSessions == 0 && again.report.deadSessions == 0)
    }

    @Test("a paused backup keeps nobody waiting, and what it needs stays")
    func paused() async throws {
        let place = try Workplace("paused")
        try await TargetStage.use(.local, in: place) { try await paused(place, on: $0) }
    }

    private func paused(_ place: Workplace, on target: TargetStage) async throws {
        let writer = try StormWriter(place, "anna", seed: 5, on: target)
        let keeper = try StormKeeper(place, "carl", seed: 6, on: target)
        try await writer.proxy.run("repository", "init")
        try await writer.begin()
        let slow = try await Self.paused(place) { try writer.proxy.start("backup", "vm", "anna", "--full") }
        try await keeper.proxy.run("repository", "prune")
        _ = try await keeper.proxy.check()
        let other = try StormWriter(place, "bert", seed: 7, on: target)
        try await other.begin()
        slow.goOn()
        let finished = try await slow.finished(within: .seconds(60))
        #expect(finished.status == 0, "\(finished)")
        try await keeper.proxy.run("repository", "prune")
        #expect(try await keeper.proxy.check().damages.isEmpty)
    }

    /// A program that was stopped while it had a lease; on a busy machine it may end before that, and is started again.
    private static func paused(_ place: Workplace, _ start: () throws -> RunningProgram) async throws -> RunningProgram
    {
        for _ in 0..<50 {
            let program = try start()
            while program.isRunning {
                usleep(500)
                guard !place.files(below: "repository/sessions").isEmpty else { continue }
                program.pause()
                if !place.files(below: "repository/sessions").isEmpty { return program }
                program.goOn()
            }
            _ = try await program.finished(within: .seconds(60))
        }
        throw StageError("a backup was never met with its lease")
    }
}

/// How many processes may still be killed.
final class KillBudget: Sendable {
    private let left: Mutex<Int>

    init(_ count: Int) { left = Mutex(count) }

    var isLeft: Bool { left.withLock { $0 > 0 } }
    func spend() { left.withLock { $0 -= 1 } }
}

/// The report of `repository prune --json`.
struct PruneRecord: Decodable, Sendable {
    struct Amount: Decodable, Sendable {
        let count: Int
        let bytes: Int
    }

    struct Report: Decodable, Sendable {
        let condemned: Amount
        let deleted: Amount
        let waiting: Amount
        let liveSessions: Int
        let deadSessions: Int
    }

    let report: Report
}
