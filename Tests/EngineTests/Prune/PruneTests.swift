import EngineContracts
import Synchronization
import Testing

@testable import Engine

@Suite("Prune", .plainAndEncrypted)
struct PruneTests {
    /// A VM whose disk is written anew, chunk by chunk, from backup to backup.
    private func guest(_ bytes: Int = 2 << 20, seed: UInt64 = 1) -> GuestSource {
        var disk = GuestDisk(id: "disk-0", address: DiskAddress(bus: "scsi", index: 0), size: 8 << 20)
        disk.write(SampleBytes.random(bytes, seed: seed), at: 0, generation: 1)
        return GuestSource([disk])
    }

    private func overwrite(_ source: GuestSource, at offset: UInt64, _ count: Int, seed: UInt64) {
        let bytes = SampleBytes.random(count, seed: seed)
        source.change { disks, generation in disks[0].write(bytes, at: offset, generation: generation) }
    }

    private func content(_ source: GuestSource) -> [UInt64: [UInt8]] { source.state.withLock { $0.disks[0].content } }

    @Test("what no restore point needs goes, what one needs stays")
    func spaceComesBack() async throws {
        let test = try await TestRepository()
        let source = guest()
        let first = try await test.manifest(source)
        overwrite(source, at: 0, 2 << 20, seed: 2)
        let second = try await test.manifest(source)
        let before = test.packBytes
        let plan = try await test.plan(deleting: [first])
        #expect(test.packBytes == before)
        let report = try await test.prune(deleting: [first])
        #expect(report.deleted.bytes >= 2 << 20)
        #expect(before - test.packBytes == report.deleted.bytes - report.rewritten.bytes)
        #expect(plan.same(as: report))
        #expect(try await test.restore(second, to: source)[0].content == content(source))
        #expect(try await test.check().isClean)
        #expect(test.keys(ObjectLayout.condemnations).isEmpty && test.keys(ObjectLayout.sessions).isEmpty)
    }

    @Test("a prune with nothing to do changes nothing")
    func nothing() async throws {
        let test = try await TestRepository()
        let source = guest()
        let point = try await test.manifest(source)
        let keys = test.store.keys
        let report = try await test.prune()
        #expect(test.store.keys == keys)
        #expect(report.deleted == PruneReport.Amount() && report.keptPoints == 1)
        #expect(try await test.restore(point, to: source)[0].content == content(source))
    }

    @Test("packs that are mostly garbage are copied into fuller ones, byte by byte the same blobs")
    func repack() async throws {
        let test = try await TestRepository()
        let source = guest(4 << 20)
        let first = try await test.manifest(source)
        overwrite(source, at: 0, 3 << 20, seed: 3)
        let second = try await test.manifest(source)
        let plan = try await test.plan(deleting: [first])
        let report = try await test.prune(deleting: [first])
        #expect(report.repacked.count >= 1 && report.rewritten.bytes < report.repacked.bytes)
        #expect(plan.same(as: report))
        #expect(try await test.restore(second, to: source)[0].content == content(source))
        #expect(try await test.check().isClean)
        let again = try await test.prune()
        #expect(again.repacked.count == 0 && again.deleted.count == 0)
    }

    @Test("many small packs are joined")
    func smallPacks() async throws {
        let test = try await TestRepository()
        let source = guest()
        for day in 0..<12 {
            overwrite(source, at: UInt64(day) << 17, 65_536, seed: UInt64(day))
            _ = try await test.manifest(source)
        }
        let before = test.keys(ObjectLayout.packs).count
        _ = try await test.prune()
        #expect(test.keys(ObjectLayout.packs).count <= before / 3)
        #expect(try await test.check().isClean)
    }

    @Test("packs wait for the grace, and go when it is over")
    func grace() async throws {
        let test = try await TestRepository()
        let source = guest()
        let first = try await test.manifest(source)
        overwrite(source, at: 0, 2 << 20, seed: 2)
        _ = try await test.manifest(source)
        var options = PruneOptions()
        options.grace = 3600
        let waiting = try await test.prune(deleting: [first], options)
        #expect(waiting.deleted.count == 0 && waiting.waiting.bytes >= 2 << 20)
        #expect(try await test.prune(options: options).deleted.count == 0)
        test.store.moveClock(seconds: 3601)
        #expect(try await test.prune(options: options).deleted.bytes >= 2 << 20)
        #expect(test.keys(ObjectLayout.condemnations).isEmpty)
        #expect(try await test.check().isClean)
    }

    @Test("what is condemned counts as absent for a new backup, which stores it anew")
    func condemnedIsAbsent() async throws {
        let test = try await TestRepository()
        let source = guest()
        let content = content(source)
        let first = try await test.manifest(source)
        var options = PruneOptions()
        options.grace = 3600
        _ = try await test.prune(deleting: [first], options)
        let again = try await test.manifest(source)
        #expect(again.statistics.new == 2 << 20)
        test.store.moveClock(seconds: 3601)
        _ = try await test.prune(options: options)
        #expect(try await test.restore(again, to: source)[0].content == content)
        #expect(try await test.check().isClean)
    }

    @Test("a backup that began before the condemnation keeps what it refers to, and its packs are taken off the list")
    func olderSession() async throws {
        let test = try await TestRepository()
        let source = guest()
        let content = content(source)
        let first = try await test.manifest(source)
        let other = GuestSource(source.state.withLock { $0.disks }, vm: "vm-2")
        let gate = Gate()
        other.state.withLock { state in state.beforeRead = { await gate.passed() } }
        async let running = test.backUp(other)
        await gate.reached()
        let report = try await test.prune(deleting: [first])
        #expect(report.deleted.count == 0 && report.waiting.count > 0 && report.liveSessions == 1)
        gate.letPass()
        let second = try #require(try await running.manifests.first)
        #expect(second.statistics.new == 0)
        let after = try await test.prune()
        #expect(after.resurrected.count > 0)
        #expect(try await test.repository().restorePoints().count == 1)
        #expect(try await test.restore(second, to: other)[0].content == content)
        #expect(try await test.check().isClean)
    }

    @Test("an increment whose base is deleted under it still finds everything it builds on")
    func baseDeleted() async throws {
        let test = try await TestRepository()
        let source = guest()
        let first = try await test.manifest(source)
        overwrite(source, at: 0, 65_536, seed: 5)
        let content = content(source)
        let gate = Gate()
        source.state.withLock { state in state.beforeRead = { await gate.passed() } }
        async let running = test.backUp(source)
        await gate.reached()
        let report = try await test.prune(deleting: [first])
        #expect(report.deleted.count == 0)
        gate.letPass()
        let second = try #require(try await running.manifests.first)
        #expect(second.disks[0].isIncremental)
        source.state.withLock { $0.beforeRead = {} }
        _ = try await test.prune()
        #expect(try await test.restore(second, to: source)[0].content == content)
        #expect(try await test.check().isClean)
    }

    @Test("what a killed backup left goes with the next prune")
    func orphans() async throws {
        let test = try await TestRepository()
        let source = guest()
        let point = try await test.manifest(source)
        let before = test.packBytes
        overwrite(source, at: 0, 2 << 20, seed: 7)
        _ = try await test.dyingBackup(source)
        #expect(test.packBytes > before)
        _ = try await test.prune()
        #expect(test.packBytes <= before)
        #expect(try await test.check().isClean)
        #expect(try await test.repository().restorePoints().map(\.id) == [point.id])
    }

    @Test("a manifest that cannot be read keeps everything")
    func unreadable() async throws {
        let test = try await TestRepository()
        let source = guest()
        let first = try await test.manifest(source)
        overwrite(source, at: 0, 2 << 20, seed: 2)
        let second = try await test.manifest(source)
        let key = try #require(test.keys(ObjectLayout.manifests).first { $0.lastPart == second.id.text })
        let bytes = try #require(test.store[key])
        test.store[key] = Array(bytes.dropLast(9))
        let packs = test.keys(ObjectLayout.packs)
        let error = await #expect(throws: EngineError.self) { try await test.prune(deleting: [first]) }
        #expect(error?.description.contains(second.id.text) == true)
        #expect(test.keys(ObjectLayout.packs) == packs)
    }

    @Test("two prunes at once: the second stops with a word")
    func company() async throws {
        let test = try await TestRepository()
        let run = try RunLease(in: test.leases, tag: "other")
        let session = try await Session.begin(.prune, on: test.target, run: run)
        let error = await #expect(throws: EngineError.self) { try await test.prune() }
        #expect(error?.message.contains("another prune") == true)
        await session.end()
        _ = try await test.prune()
    }
}
