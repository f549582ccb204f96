import EngineContracts
import Synchronization
import Testing

@testable import Engine

/// Copies while prunes and other copies work on the same repositories.
@Suite("Copy beside others")
struct CopyBesideTests {
    @Test("a prune of the source takes nothing away that is being copied", arguments: CopyPairing.allCases)
    func pruneOfSource(pairing: CopyPairing) async throws {
        let scene = try await CopyScene(pairing)
        let content = scene.content
        let first = try await scene.source.manifest(scene.guest)
        scene.write(2 << 20, at: 3 << 20, seed: 4)
        let points = try await scene.source.repository().restorePoints()
        let gated = GatedTarget(scene.source.target, .get, "packs/d")
        let run = try await scene.run(from: gated)
        async let running = run.run(points)
        await gated.gate.reached()
        let report = try await scene.source.prune(deleting: [first])
        #expect(report.deleted.count == 0 && report.liveSessions == 1)
        gated.gate.letPass()
        #expect(try await running.copied.map(\.id) == [first.id])
        #expect(try await scene.restored(first) == content)
        #expect(try await scene.source.prune().deleted.count > 0)
    }

    @Test("a prune of the destination takes nothing away that a copy has found there", arguments: CopyPairing.allCases)
    func pruneOfDestination(pairing: CopyPairing) async throws {
        let scene = try await CopyScene(pairing)
        let first = try await scene.source.manifest(scene.guest)
        _ = try await scene.copy()
        scene.write(65_536, at: 4 << 20, seed: 4)
        let second = try await scene.source.manifest(scene.guest)
        let points = try await scene.source.repository().restorePoints()
        let gated = GatedTarget(scene.destination.target, .put, "packs/d")
        let run = try await scene.run(to: gated)
        async let running = run.run(points)
        await gated.gate.reached()
        let report = try await scene.destination.prune(deleting: [scene.there(first)])
        #expect(report.deleted.count == 0)
        gated.gate.letPass()
        #expect(try await running.copied.map(\.id) == [second.id])
        _ = try await scene.destination.prune()
        #expect(try await scene.restored(second) == scene.content)
        #expect(try await scene.destination.check().isClean)
    }

    @Test("what is condemned at the destination counts as absent, and comes over again")
    func condemned() async throws {
        let scene = try await CopyScene()
        let first = try await scene.source.manifest(scene.guest)
        _ = try await scene.copy()
        var options = PruneOptions()
        options.grace = 3600
        let waiting = try await scene.destination.prune(deleting: [scene.there(first)], options)
        #expect(waiting.waiting.count > 0)
        let report = try await scene.copy()
        #expect(report.amount.bytes > 2 << 20)
        scene.destination.store.moveClock(seconds: 3601)
        #expect(try await scene.destination.prune(options: options).deleted.count > 0)
        #expect(try await scene.restored(first) == scene.content)
        #expect(try await scene.destination.check().isClean)
    }

    @Test("nodes that a prune left without their chunks are not believed in")
    func orphanedNodes() async throws {
        let scene = try await CopyScene(bytes: 4 << 20)
        let first = try await scene.source.manifest(scene.guest)
        _ = try await scene.copy()
        let data = scene.destination.keys("packs/d/")
        // As after a prune that found another node of the metadata pack in use.
        let manifest = try #require(scene.destination.keys(ObjectLayout.manifests).first)
        for key in data + scene.destination.keys(ObjectLayout.index) + [manifest] {
            scene.destination.store[key] = nil
        }
        let report = try await scene.copy()
        #expect(report.copied.map(\.id) == [first.id] && report.amount.bytes > 4 << 20)
        #expect(try await scene.restored(first) == scene.content)
        #expect(try await scene.destination.check().isClean)
    }

    @Test("two copies of the same restore points at once: each is there once, and whole")
    func twoCopies() async throws {
        let scene = try await CopyScene(.toEncrypted)
        let manifest = try await scene.source.manifest(scene.guest)
        let points = try await scene.source.repository().restorePoints()
        let gated = GatedTarget(scene.destination.target, .put, "manifests/")
        let run = try await scene.run(to: gated)
        async let running = run.run(points)
        await gated.gate.reached()
        #expect(try await scene.copy().copied.count == 1)
        gated.gate.letPass()
        #expect(try await running.failed.isEmpty)
        #expect(try await scene.destination.repository().restorePoints().map(\.id) == [manifest.id])
        #expect(try await scene.restored(manifest) == scene.content)
        #expect(try await scene.destination.check().isClean)
    }

    @Test("a copy that a prune has taken for dead takes back what it committed")
    func takenForDead() async throws {
        let scene = try await CopyScene()
        _ = try await scene.source.manifest(scene.guest)
        let points = try await scene.source.repository().restorePoints()
        let gated = GatedTarget(scene.destination.target, .put, "manifests/")
        let run = try await scene.run(to: gated)
        let running = Task { try await run.run(points) }
        await gated.gate.reached()
        for key in scene.destination.keys(ObjectLayout.sessions) { scene.destination.store[key] = nil }
        gated.gate.letPass()
        await #expect(throws: EngineError.self) { try await running.value }
        #expect(try await scene.destination.repository().restorePoints().isEmpty)
        #expect(try await scene.copy().copied.count == 1)
    }
}
