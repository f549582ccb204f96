import Engine
import EngineContracts
import Logging
import Targets
import Testing

@Suite("The targets keep their contract")
struct TargetContractTests {
    enum Fixture: String, CaseIterable, Sendable {
        case local, localWithoutFsync, memory, counting, faulty
    }

    @Test("each target keeps each promise", arguments: Fixture.allCases, TargetContract.cases)
    func promise(_ fixture: Fixture, _ one: TargetContract.Case) async throws {
        let folder = try TemporaryPlace()
        let store = MemoryStore()
        let outcome = try await one.run {
            switch fixture {
            case .local: try folder.target()
            case .localWithoutFsync: try folder.target(fsync: false)
            case .memory: MemoryTarget(store)
            case .counting: CountingTarget(MemoryTarget(store))
            case .faulty: FaultyTarget(MemoryTarget(store), [])
            }
        }
        #expect(outcome == .kept)
        #expect(folder.names(in: "repository/.tmp").isEmpty)
    }

    @Test("each built-in target keeps each promise of plug-ins", arguments: PluginContract.cases)
    func pluginPromise(_ one: PluginContract.Case) async throws {
        try await one.run(PluginSubject(LocalTarget.self))
        try await one.run(PluginSubject(MemoryTarget.self))
    }

    @Test("the build's list of targets")
    func builtin() {
        #expect(Registry<any Target>.builtin.entries.map(\.name) == ["azure-blob", "local", "s3", "sftp"])
    }
}
