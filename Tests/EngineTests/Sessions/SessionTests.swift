import Synchronization
import Testing

@testable import Engine

@Suite("Sessions")
struct SessionTests {
    private func leases(_ store: MemoryStore) -> [ObjectKey] {
        store.keys.filter { $0.text.hasPrefix(ObjectLayout.sessions) }
    }

    private func live(
        _ test: TestRepository, now: Timestamp = .now(), leases: String? = nil
    ) async throws -> LiveSessions {
        try await LiveSessions.load(
            from: test.target, now: now, leases: leases ?? test.leases, timing: SessionTiming())
    }

    @Test("a session has one lease object while it lives, and none afterwards")
    func oneObject() async throws {
        let test = try await TestRepository()
        let run = try RunLease(in: test.leases, tag: "test")
        var timing = SessionTiming()
        timing.overlap = 0
        let session = try await Session.begin(.backup, on: test.target, run: run, timing: timing)
        for number in 0..<5 {
            let id = Digest(words: (UInt64(number), 0, 0, 0))
            try await session.pin([SessionRecord.Root(id: id, level: 1)])
        }
        #expect(leases(test.store).count == 1)
        let found = try await live(test)
        #expect(found.records.map(\.session) == [session.id])
        #expect(found.records.first?.roots.count == 5)
        await session.end()
        #expect(leases(test.store).isEmpty)
        #expect(try await live(test).records.isEmpty)
    }

    @Test("a listing that is made while a lease is renewed shows the session all the same")
    func renewalWhileListed() async throws {
        let test = try await TestRepository()
        let run = try RunLease(in: test.leases, tag: "test")
        let session = try await Session.begin(.backup, on: test.target, run: run)
        let listed = Set(leases(test.store))
        try await session.pin([SessionRecord.Root(id: Digest(words: (1, 0, 0, 0)), level: 1)])
        #expect(Set(leases(test.store)).isStrictSuperset(of: listed))
        #expect(try await live(test).records.first?.roots.count == 1)
        try await session.confirm()
        for key in leases(test.store) { test.store[key] = nil }
        await #expect(throws: EngineError.self) { try await session.confirm() }
        await session.end()
        #expect(leases(test.store).isEmpty)
    }

    @Test("a session says which condemnations it has seen, and knows their packs")
    func seen() async throws {
        let test = try await TestRepository()
        var generator = SeededGenerator(seed: 1)
        let packs = Set((0..<3).map { _ in PackID.random(using: &generator) })
        let run = try RunLease(in: test.leases, tag: "test")
        let before = try await Session.begin(.backup, on: test.target, run: run)
        let name = try await Condemnation.put(packs, at: test.target)
        let after = try await Session.begin(.backup, on: test.target, run: run)
        #expect(before.condemned.isEmpty)
        #expect(after.condemned == packs)
        let seen = Dictionary(uniqueKeysWithValues: try await live(test).records.map { ($0.session, $0.seen) })
        #expect(seen == [before.id: [], after.id: [name]])
        await before.end()
        await after.end()
    }

    @Test("a dead run of this proxy is dead at once, that of another only when its lease expires")
    func death() async throws {
        let test = try await TestRepository()
        let other = try await TestRepository()
        var run: RunLease? = try RunLease(in: test.leases, tag: "test")
        let session = try await Session.begin(.backup, on: test.target, run: #require(run))
        #expect(try await live(test).records.count == 1)
        run = nil
        #expect(try await live(test).records.isEmpty)
        _ = try RunLease(in: other.leases, tag: "test")
        let soon = Timestamp.now().adding(seconds: 60)
        let late = Timestamp.now().adding(seconds: 1801)
        #expect(try await live(test, now: soon, leases: other.leases).records.count == 1)
        #expect(try await live(test, now: late, leases: other.leases).records.isEmpty)
        await session.end()
    }

    @Test("a session that could not renew its lease publishes nothing")
    func patience() async throws {
        let test = try await TestRepository()
        let run = try RunLease(in: test.leases, tag: "test")
        var timing = SessionTiming()
        timing.patience = 0
        let session = try await Session.begin(.backup, on: test.target, run: run, timing: timing)
        #expect(throws: EngineError.self) { try session.checkAlive() }
        await session.end()
    }

    @Test("a backup that others took for dead while it ran takes its restore point back")
    func withdrawal() async throws {
        let test = try await TestRepository()
        var disk = GuestDisk(id: "disk-0", address: DiskAddress(bus: "scsi", index: 0), size: 1 << 20)
        disk.write([1, 2, 3], at: 0, generation: 1)
        let source = GuestSource([disk])
        _ = try await test.manifest(source)
        let store = test.store
        source.state.withLock { state in
            state.onRead = { for key in store.keys where key.text.hasPrefix("sessions/") { store[key] = nil } }
        }
        source.change { disks, generation in disks[0].write([4, 5], at: 9, generation: generation) }
        let report = try await test.backUp(source)
        let error = try #require(report.failures.first?.1)
        #expect(error.message.contains("lease") && error.isRetryable)
        #expect(try await test.repository().restorePoints().count == 1)
        #expect(try await test.check().isClean)
    }
}
