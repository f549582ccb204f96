import EngineContracts
import Testing

@testable import Engine

/// A copy whose destination fails, or which is stopped at any of its writes, and taken up again.
@Suite("Copy that is stopped")
struct CopyKillTests {
    /// Calls of a kind from the `first` on all fail, as those of a dead process never happen.
    private func stopped(_ call: TargetCall, at first: Int, _ scene: CopyScene) async throws -> Bool {
        let fault = FaultyTarget.Fault(call, first: first, times: .max / 2)
        let run = try await scene.run(to: FaultyTarget(scene.destination.target, [fault]), options)
        let points = try await scene.source.repository().restorePoints()
        do {
            _ = try await run.run(points)
            return false
        } catch {
            #expect(error.description.contains("repository offsite"), "\(error)")
            #expect(error.message.contains("a planned fault"), "\(error)")
            return true
        }
    }

    private var options: CopyOptions {
        var options = CopyOptions()
        options.hasParity = true
        return options
    }

    @Test("at each put and each delete leaves whole restore points or none, and the next copy takes it up")
    func eachWrite() async throws {
        for pairing in [CopyPairing.bothPlain, .toEncrypted] {
            for call in [TargetCall.put, .delete] {
                var isStopped = true
                var first = 1
                while isStopped, first < 40 {
                    let scene = try await CopyScene(pairing, bytes: 256 << 10)
                    let before = scene.content
                    let older = try await scene.source.manifest(scene.guest)
                    scene.write(65_536, at: 3 << 20, seed: 2)
                    let newer = try await scene.source.manifest(scene.guest)
                    isStopped = try await stopped(call, at: first, scene)
                    let found = try await scene.destination.check()
                    #expect(found.isClean, "\(call) \(first): \(found.damages)")
                    let there = try await scene.destination.repository().restorePoints().count
                    let report = try await scene.copy(options)
                    #expect(report.copied.count + there == 2 && report.failed.isEmpty, "\(call) \(first)")
                    let after = try await scene.destination.check()
                    #expect(after.isClean, "\(call) \(first): \(after.damages)")
                    #expect(try await scene.restored(older) == before, "\(call) \(first)")
                    #expect(try await scene.restored(newer) == scene.content, "\(call) \(first)")
                    #expect(try await scene.copy(options).points.isEmpty, "\(call) \(first)")
                    first += 1
                }
                #expect(!isStopped && (call == .delete || first > 8), "\(call)")
            }
        }
    }

    @Test("a copy that is taken up moves nothing that was stored before", arguments: CopyPairing.allCases)
    func resumed(pairing: CopyPairing) async throws {
        let scene = try await CopyScene(pairing, bytes: 20 << 20)
        let manifest = try await scene.source.manifest(scene.guest)
        let fault = FaultyTarget.Fault(.put, times: .max / 2, prefix: "manifests/")
        let run = try await scene.run(to: FaultyTarget(scene.destination.target, [fault]))
        await #expect(throws: EngineError.self) { try await run.run(scene.source.repository().restorePoints()) }
        #expect(try await scene.destination.repository().restorePoints().isEmpty)
        let packs = scene.destination.keys(ObjectLayout.packs)
        let report = try await scene.copy()
        #expect(report.amount.bytes == 0 && report.copied.map(\.id) == [manifest.id])
        #expect(scene.destination.keys(ObjectLayout.packs) == packs)
        #expect(try await scene.restored(manifest) == scene.content)
    }

    @Test("a destination that is full or read-only says so; a source that cannot be written to is no matter")
    func refusals() async throws {
        let scene = try await CopyScene()
        let manifest = try await scene.source.manifest(scene.guest)
        let points = try await scene.source.repository().restorePoints()
        let full = FaultyTarget.Fault(
            .put, times: .max / 2, prefix: "packs/", error: EngineError(.noSpace, "the disk is full"))
        let toFull = try await scene.run(to: FaultyTarget(scene.destination.target, [full]))
        let noSpace = await #expect(throws: EngineError.self) { try await toFull.run(points) }
        #expect(noSpace?.kind == .noSpace && noSpace?.description.contains("repository offsite") == true)
        let toReadOnly = try await scene.run(to: ReadOnlyTarget(scene.destination.target))
        let denied = await #expect(throws: EngineError.self) { try await toReadOnly.run(points) }
        #expect(denied?.kind == .denied && denied?.description.contains("repository offsite") == true)
        let cut = FaultyTarget.Fault(
            .get, times: .max / 2, prefix: "packs/d", error: EngineError(.unreachable, "the line is cut"))
        let fromCut = try await scene.run(from: FaultyTarget(scene.source.target, [cut]))
        let unreachable = await #expect(throws: EngineError.self) { try await fromCut.run(points) }
        #expect(unreachable?.kind == .unreachable && unreachable?.description.contains("repository main") == true)
        #expect(try await scene.destination.repository().restorePoints().isEmpty)
        let fromReadOnly = try await scene.run(from: ReadOnlyTarget(scene.source.target))
        #expect(try await fromReadOnly.run(points).copied.map(\.id) == [manifest.id])
        #expect(try await scene.restored(manifest) == scene.content)
    }

    @Test("a repository is not copied into itself")
    func itself() async throws {
        let scene = try await CopyScene()
        let repository = try await scene.source.repository()
        let run = CopyRun(
            from: CopySide(name: "main", repository: repository, index: try scene.source.index()),
            to: CopySide(name: "same", repository: repository, index: try scene.source.index()),
            codec: try scene.source.codec(), options: CopyOptions(), leases: scene.source.leases, progress: { _ in })
        let error = await #expect(throws: EngineError.self) { try await run.run([]) }
        #expect(error?.kind == .configuration)
    }
}
