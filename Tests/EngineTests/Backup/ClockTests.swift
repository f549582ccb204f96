import EngineContracts
import Synchronization
import Testing

@testable import Engine

/// What happens when a clock is wrong, and when it is set right again.
@Suite("Clocks that are wrong")
struct ClockTests {
    private static let right = Timestamp(milliseconds: 1_800_000_000_000)

    /// Backs up with a clock that is so many days off; returns what was said too.
    private func backUp(
        _ test: TestRepository, _ source: GuestSource, days: Int64
    ) async throws -> (manifest: Manifest, said: [String]) {
        let said = SaidThings()
        var options = BackupOptions()
        options.now = { Self.right.adding(seconds: days * 86_400) }
        let report = try await BackupRun(
            repository: test.repository(), source: source, sourceName: "guest", codec: test.codec(),
            index: test.index(), options: options, leases: test.leases, progress: said.sink
        ).run([source.vm])
        return (try report.machines[0].result.get(), said.warnings)
    }

    @Test(
        "increments go on from what was made last, and it is the newest, whatever its date",
        arguments: [[0, 40, 1, 2], [0, -40, 1, 2], [0, 40, -40, 41, 1], [40, 0, 0, 50]] as [[Int64]])
    func order(days: [Int64]) async throws {
        let test = try await TestRepository()
        let source = GuestSource([GuestDisk(id: "d", address: DiskAddress(bus: "scsi", index: 0), size: 4 << 20)])
        var contents: [RestorePointID: [UInt64: [UInt8]]] = [:]
        for (run, day) in days.enumerated() {
            test.store.moveClock(seconds: 10)
            source.change { disks, generation in
                let bytes = SampleBytes.random(70_000, seed: UInt64(run))
                disks[0].write(bytes, at: UInt64(run) << 16, generation: generation)
            }
            let (manifest, said) = try await backUp(test, source, days: day)
            #expect(manifest.sequence == (run == 0 ? nil : run))
            #expect(manifest.disks[0].isIncremental == (run > 0), "run \(run)")
            let isBack = run > 0 && days[run - 1] > day
            #expect(said.contains { $0.contains("is dated") } == isBack, "run \(run)")
            contents[manifest.id] = source.state.withLock { $0.disks[0].content }
            let newest = try await test.repository().newestManifest(
                ofVM: source.vm.id, now: Self.right.adding(seconds: day * 86_400))
            #expect(newest?.id == manifest.id, "run \(run)")
        }
        for point in try await test.repository().restorePoints() {
            let manifest = try await test.repository().manifest(point)
            #expect(try await test.restore(manifest, to: source)[0].content == contents[point.id])
        }
        #expect(try await test.check().isClean)
    }

    @Test("a target whose clock is another is told, both times named")
    func target() async throws {
        let test = try await TestRepository()
        let source = GuestSource([GuestDisk(id: "d", address: DiskAddress(bus: "scsi", index: 0), size: 1 << 20)])
        for (hours, isOff) in [(-30, true), (30, false), (30, true)] as [(Int64, Bool)] {
            test.store.moveClock(seconds: hours * 3600)
            let said = SaidThings()
            _ = try await BackupRun(
                repository: test.repository(), source: source, sourceName: "guest", codec: test.codec(),
                index: test.index(), options: BackupOptions(), leases: test.leases, progress: said.sink
            ).run([source.vm])
            #expect(said.warnings.contains { $0.contains("this machine's clock says") } == isOff)
        }
    }
}
