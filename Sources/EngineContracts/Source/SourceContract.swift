import Engine

/// What every source promises. Each case takes a new fixture and tears it down.
public enum SourceContract {
    public typealias Case = ContractCase<any SourceFixture>

    public static let cases: [Case] = inventoryCases + readCases + differenceCases + cleanlinessCases + restoreCases

    /// A case that is played on an opened source.
    static func scene(
        _ description: String, _ body: @escaping @Sendable (SourceScene) async throws -> Void
    ) -> Case {
        Case(description) { fixture in try await SourceScene.play(fixture, body) }
    }

    private static let inventoryCases: [Case] = [
        scene("the inventory shows the VM with the true sizes of its disks") { scene in
            for disk in scene.machine.disks {
                let truth = try await scene.fixture.content(of: disk.address)
                try require(Int(disk.size) == truth.count, "\(disk.address) is shown with \(disk.size) bytes")
            }
            let clusters = try await scene.source.inventory().clusters
            try require(
                clusters.contains { $0.id == scene.machine.clusterID }, "the VM's cluster is not in the inventory")
        },
        Case("closing twice, or without opening, does no harm") { fixture in
            let source = try await fixture.makeSource()
            await source.close()
            let second = try await fixture.makeSource()
            try await second.open()
            await second.close()
            await second.close()
            await fixture.tearDown()
        },
        scene("a VM that is not there is `notFound`, and nothing is left") { scene in
            let ghost = VirtualMachine(
                id: "0c9c2a53-0000-4000-8000-00000000dead", name: "ghost", clusterID: scene.machine.clusterID,
                clusterName: scene.machine.clusterName, isPoweredOn: false, categories: [:], disks: [])
            try await EngineError.expected(.notFound, from: "capturing a VM that is not there") {
                let request = CaptureRequest(vm: ghost, consistency: .crash, runName: SourceScene.run, previous: nil)
                _ = await (try scene.source.capture(request)).finish(.abandoned)
            }
            try await scene.requireTraces([], "after a failed capture")
        },
    ]
}
