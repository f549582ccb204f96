import Testing

@testable import Engine

/// A repair that is stopped at any of its writes, and run again.
@Suite("Repair that is stopped")
struct RepairKillTests {
    private func repairer(_ scene: DamagedRepository, at target: any Target) async throws -> Repairer {
        let repository = try await Repository.open(
            on: target, codecs: scene.test.repository().codecs, logger: scene.test.context.logger)
        return Repairer(
            repository: repository, index: try scene.test.index(), leases: scene.test.leases, packSize: 16 << 20,
            hasParity: true, progress: { _ in })
    }

    /// Calls of a kind from the `first` on all fail, as those of a dead process never happen.
    private func stopped(_ call: TargetCall, at first: Int, _ scene: DamagedRepository) async throws -> Bool {
        let fault = FaultyTarget.Fault(call, first: first, times: .max / 2)
        let repairer = try await repairer(scene, at: FaultyTarget(scene.test.target, [fault]))
        do {
            _ = try await repairer.repair(isDryRun: false)
            return false
        } catch {
            #expect(error.message.contains("a planned fault"), "\(error)")
            return true
        }
    }

    @Test("at each put and each delete loses nothing: the next repair and backup make everything clean")
    func eachWrite() async throws {
        for call in [TargetCall.put, .delete] {
            var isStopped = true
            var first = 1
            while isStopped, first < 40 {
                let scene = try await DamagedRepository(bytes: 512 << 10)
                let pack = scene.dataPack
                let entry = try scene.table(pack)[2]
                try scene.change(pack) { $0[Int(entry.offset) + PackLayout.blobHeaderCount + 3] ^= 1 }
                for run in scene.keys("index/") { try scene.change(run) { $0[$0.count / 2] ^= 1 } }
                isStopped = try await stopped(call, at: first, scene)
                let repaired = try await scene.repair(hasParity: true)
                #expect(repaired.packs.map(\.lost) == [1], "\(call) \(first)")
                let manifest = try await scene.test.manifest(scene.source)
                let after = try await scene.check()
                #expect(after.isClean, "\(call) \(first): \(after.damages)")
                #expect(try await scene.restored(manifest) == scene.content, "\(call) \(first)")
                first += 1
            }
            #expect(!isStopped && first > 2, "\(call)")
        }
    }
}
