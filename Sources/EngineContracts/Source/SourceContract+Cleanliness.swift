import Engine

extension SourceContract {
    static let cleanlinessCases: [Case] = [
        scene("an abandoned capture leaves nothing") { scene in
            try await scene.writeIslands(seed: 40)
            try await scene.backUp(since: nil, .abandoned)
            try await scene.requireTraces([], "after an abandoned capture")
        },
        scene("an abandoned capture leaves the reference of the one before") { scene in
            let full = try await scene.backUp()
            let kept = try await scene.fixture.traces()
            try await scene.writeIslands(seed: 41)
            try await scene.backUp(since: full, .abandoned)
            try await scene.requireTraces(kept, "after an abandoned capture")
        },
        scene("one reference a VM is kept, however many captures there were") { scene in
            let full = try await scene.backUp()
            let kept = try await scene.fixture.traces().count
            var newest = full
            for seed in 42..<45 as Range<UInt64> {
                try await scene.fixture.write(SampleBytes.random(512, seed: seed), to: scene.addresses[0], at: 0)
                newest = try await scene.backUp(since: newest)
            }
            let traces = try await scene.fixture.traces()
            try require(traces.count == kept, "\(kept) kept after the first capture, now \(traces)")
        },
        scene("a sweep removes what a crash left, says so, and keeps committed references") { scene in
            try await scene.writeIslands(seed: 46)
            let full = try await scene.backUp()
            let kept = try await scene.fixture.traces()
            try await leaveUnfinished(scene, since: full)
            let successor = try await scene.fixture.makeSource()
            try await successor.open()
            _ = try await successor.sweep(request(keeping: [full.reference]))
            try await scene.requireTraces(kept, "after the sweep")
            let again = try await successor.sweep(request(keeping: [full.reference]))
            try require(again.isEmpty, "a second sweep found \(again)")
            await successor.close()
            try await scene.fixture.write(SampleBytes.random(512, seed: 47), to: scene.addresses[0], at: 0)
            let next = try await scene.backUp(since: full)
            if scene.fixture.findsDifferences {
                try require(
                    next.maps.values.allSatisfy { $0.coverage == .changes }, "the sweep took a committed reference")
            }
        },
        scene("a sweep names each thing it removed") { scene in
            let before = try await scene.fixture.traces()
            try await leaveUnfinished(scene, since: nil)
            let left = try await scene.fixture.traces()
            let successor = try await scene.fixture.makeSource()
            try await successor.open()
            let said = try await successor.sweep(request(keeping: []))
            await successor.close()
            try require(left == before || !said.isEmpty, "removed \(left) in silence")
            try await scene.requireTraces([], "after the sweep")
        },
        scene("a sweep leaves what living runs and other repositories use") { scene in
            try await scene.writeIslands(seed: 49)
            try await leaveUnfinished(scene, since: nil)
            let left = try await scene.fixture.traces()
            let successor = try await scene.fixture.makeSource()
            try await successor.open()
            _ = try await successor.sweep(request(keeping: [], running: [dyingRun]))
            try await scene.requireTraces(left, "after a sweep while the run lived")
            _ = try await successor.sweep(SweepRequest(repository: "beef0123", kept: []) { _ in false })
            try await scene.requireTraces(left, "after the sweep of another repository")
            _ = try await successor.sweep(request(keeping: []))
            await successor.close()
            try await scene.requireTraces([], "after the sweep")
        },
    ]

    private static let dyingRun = SourceScene.repository + "-dd1e5000"

    private static func request(keeping kept: [JSONValue], running: Set<String> = []) -> SweepRequest {
        SweepRequest(repository: SourceScene.repository, kept: kept) { running.contains($0) }
    }

    /// A proxy that dies in the middle of a capture and a restore.
    private static func leaveUnfinished(_ scene: SourceScene, since base: Backup?) async throws {
        let source = try await scene.fixture.makeSource()
        try await source.open()
        let machine = try await SourceScene.machine(of: scene.fixture, in: source)
        let capture = try await source.capture(
            CaptureRequest(vm: machine, consistency: .crash, runName: dyingRun, previous: base?.reference))
        let disk = try first(capture)
        _ = try await scene.regions(of: disk, in: capture, since: base)
        _ = try await scene.read(ByteRange(0, 65_536), of: disk, in: capture)
        let session = try await source.restoreVM(
            restoreRequest(scene, capture.machine.configuration, name: "dying", run: dyingRun))
        try await session.write(Buffer(SampleBytes.random(4096, seed: 48)), 0..<4096, to: 0, at: 0)
        await source.close()
    }
}
