import AzureSimulator
import Engine
import FoundationEssentials
import Glibc
import Synchronization
import Targets
import Testing

@testable import Azure

@Suite("Exports to Azure that go on", .timeLimit(.minutes(30)))
struct ResumeTests {
    private static let disks = [
        SyntheticDisk.random(size: 40 << 20, seed: 21, longest: 300, rarity: 1, bestRead: 1 << 20),
        SyntheticDisk.random(size: 24 << 20, seed: 22, longest: 300, rarity: 1, bestRead: 1 << 20),
    ]

    /// Operations of a killed process end although nobody asks for them.
    private static var settings: AzureSettings {
        var settings = AzureLab.settings
        settings.cloud.operationSeconds = 0.1
        return settings
    }

    /// Ends an export's task at one of its moments, and keeps the journal as it was then: what happens in Azure until the task
    /// has ended is what a killed process does not know of.
    private final class Killer: Sendable {
        private struct State {
            var seen = 0
            var journal: Data?
            var task: Task<Void, any Error>?
        }

        private let moment: Int
        private let path: String
        private let state = Mutex(State())

        init(at moment: Int, journal path: String) {
            self.moment = moment
            self.path = path
        }

        var seen: Int { state.withLock { $0.seen } }

        func note() {
            state.withLock { state in
                state.seen += 1
                guard state.seen == moment else { return }
                state.journal = try? Data(contentsOf: URL(filePath: path))
                state.task?.cancel()
            }
        }

        /// Runs `body` until its moment comes.
        /// - Returns: whether it came to its end before.
        func run(_ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
            let task = Task { try await body() }
            let isLate = state.withLock { state in
                state.task = task
                return state.journal != nil
            }
            if isLate { task.cancel() }
            let result = await task.result
            guard case .failure = result else { return true }
            if let journal = state.withLock({ $0.journal }) { try journal.write(to: URL(filePath: path)) }
            return false
        }
    }

    /// Everything in the group that costs money is named by the journal.
    private func everythingIsNamed(_ lab: AzureLab) async throws {
        let journal = try AzureJournal.read(lab.journal)
        let named = Set(journal?.entries.map { "\($0.kind.type.split(separator: "/").last ?? "") \($0.name)" } ?? [])
        #expect(try await Witness(lab).names().isSubset(of: named))
    }

    @Test(
        "killed at any moment it goes on, ends as it should, and nothing is unnamed",
        arguments: Array(stride(from: 1, to: 180, by: 7)))
    func killed(step: Int) async throws {
        try await AzureLab.run(Self.settings) { lab in
            let killer = Killer(at: step, journal: lab.journal)
            let azure = try lab.subscription(["parallelism": "2"], policy: .steady)
            let isDone = try await killer.run {
                try await lab.export(Self.disks, azure, progress: { _ in killer.note() }) { $0.keepsPartial = true }
            }
            if !isDone {
                try await everythingIsNamed(lab)
                let exported = try await lab.export(Self.disks, azure, resuming: true) { $0.keepsPartial = true }
                #expect(exported.machine != nil)
            }
            #expect(access(lab.journal, F_OK) != 0)
            try await ExportTests.isWhole(lab, Self.disks)
        }
    }

    @Test("killed again and again it comes to its end")
    func killedOften() async throws {
        try await AzureLab.run(Self.settings) { lab in
            let azure = try lab.subscription(["parallelism": "1"], policy: .steady)
            var isDone = false
            for attempt in 0..<60 where !isDone {
                let killer = Killer(at: 2 + attempt % 5, journal: lab.journal)
                isDone = try await killer.run {
                    try await lab.export(
                        Self.disks, azure, resuming: attempt > 0, progress: { _ in killer.note() }
                    ) { $0.keepsPartial = true }
                }
                if !isDone { try await everythingIsNamed(lab) }
            }
            if !isDone { try await lab.export(Self.disks, azure, resuming: true) }
            try await ExportTests.isWhole(lab, Self.disks)
        }
    }

    @Test("page blobs go on too", arguments: [2, 4, 9, 30, 61, 100])
    func pageBlobs(step: Int) async throws {
        try await AzureLab.run(Self.settings) { lab in
            let killer = Killer(at: step, journal: lab.journal)
            let azure = try lab.subscription(["parallelism": "2", "pageBlob": lab.pageBlob], policy: .steady)
            let isDone = try await killer.run {
                try await lab.export(Self.disks, azure, progress: { _ in killer.note() }) { $0.keepsPartial = true }
            }
            if !isDone { try await lab.export(Self.disks, azure, resuming: true) }
            try await ExportTests.isWhole(lab, Self.disks)
        }
    }

    @Test("what is there is not sent again")
    func mark() async throws {
        let large = SyntheticDisk(size: 800 << 20, islands: [ByteRange(0, 700 << 20)])
        try await AzureLab.run { lab in
            let azure = try lab.subscription()
            let broken = SyntheticDisk(size: large.size, islands: large.islands)
            broken.fail(from: 600 << 20)
            let error = await #expect(throws: EngineError.self) {
                try await lab.export([broken], azure) { $0.keepsPartial = true }
            }
            #expect(error?.message.contains("--resume") == true)
            let journal = try #require(try AzureJournal.read(lab.journal))
            let done = try #require(journal.marks["web01-os"]).done
            #expect(done >= 500 << 20 && done <= 600 << 20)
            let exported = try await lab.export([large], azure, resuming: true)
            #expect(exported.disks[0].resumed == done)
            #expect(exported.disks[0].sent <= (700 << 20) - done + 512)
            #expect(exported.disks[0].verified == 700 << 20 + 512)
        }
    }

    @Test("a disk that was exchanged meanwhile is sent whole")
    func exchanged() async throws {
        try await AzureLab.run { lab in
            let azure = try lab.subscription(["parallelism": "1"])
            let broken = SyntheticDisk(size: Self.disks[0].size, islands: Self.disks[0].islands, seed: 21)
            broken.fail(from: 30 << 20)
            await #expect(throws: EngineError.self) { try await lab.export([broken], azure) { $0.keepsPartial = true } }
            let journal = try #require(try AzureJournal.read(lab.journal))
            #expect((journal.marks["web01-os"]?.done ?? 0) > 0)
            let witness = try await Witness(lab)
            let path = "\(Witness.group)/providers/Microsoft.Compute/disks/web01-os"
            _ = try? await witness.done("POST", path + "/endGetAccess")
            try await witness.done("DELETE", path)
            let exported = try await lab.export([Self.disks[0]], azure, resuming: true)
            #expect(exported.disks[0].resumed == 0)
            try await ExportTests.isWhole(lab, [Self.disks[0]])
        }
    }

    @Test("under other names it does not go on, so that nothing is forgotten")
    func otherNames() async throws {
        try await AzureLab.run { lab in
            let broken = SyntheticDisk(size: Self.disks[0].size, islands: Self.disks[0].islands)
            broken.fail(from: 0)
            await #expect(throws: EngineError.self) { try await lab.export([broken]) { $0.keepsPartial = true } }
            let error = await #expect(throws: EngineError.self) {
                try await lab.export([Self.disks[0]], resuming: true) { $0.name = "other" }
            }
            #expect(error?.kind == .configuration && error?.message.contains("web01-os") == true)
        }
    }

    @Test("another restore point cannot go on there")
    func otherPoint() async throws {
        try await AzureLab.run { lab in
            let broken = SyntheticDisk(size: Self.disks[0].size, islands: Self.disks[0].islands)
            broken.fail(from: 0)
            await #expect(throws: EngineError.self) { try await lab.export([broken]) { $0.keepsPartial = true } }
            let error = await #expect(throws: EngineError.self) {
                try await lab.export([Self.disks[0]], resuming: true) { $0.restorePoint = "another" }
            }
            #expect(error?.kind == .configuration && error?.message.contains("cannot go on") == true)
        }
    }

    @Test("cancelled without being kept, it leaves nothing", arguments: [1, 3, 6, 30, 90])
    func cancelled(step: Int) async throws {
        try await AzureLab.run(Self.settings) { lab in
            let killer = Killer(at: step, journal: lab.folder + "/other")
            let azure = try lab.subscription(["parallelism": "2"], policy: .steady)
            let task = Task { try await lab.export(Self.disks, azure, progress: { _ in killer.note() }) }
            while killer.seen < step, !Task.isCancelled { await Task.yield() }
            task.cancel()
            if case .failure(let error) = await task.result {
                #expect((error as? EngineError)?.kind == .cancelled, "\(error)")
                let left = try await Witness(lab).names()
                #expect(left == [])
                #expect(access(lab.journal, F_OK) != 0)
            }
        }
    }

    @Test("two exports with one journal do not run at once")
    func lock() async throws {
        try await AzureLab.run { lab in
            let request = lab.request(Self.disks)
            let first = try JournalFile(lab.journal, begin: AzureJournal(run: "r", request: request, place: "p"))
            let error = #expect(throws: EngineError.self) {
                try JournalFile(lab.journal, begin: AzureJournal(run: "s", request: request, place: "p"))
            }
            #expect(error?.message.contains("another export") == true)
            first.close(removing: true)
            #expect(access(lab.journal, F_OK) != 0)
        }
    }

    @Test("a journal that cannot be read stops everything")
    func unreadable() async throws {
        try await AzureLab.run { lab in
            try Data("{".utf8).write(to: URL(filePath: lab.journal))
            let error = await #expect(throws: EngineError.self) { try await lab.export(Self.disks) }
            #expect(error?.kind == .corrupt && error?.message.contains("ahvault-run") == true)
        }
    }
}
