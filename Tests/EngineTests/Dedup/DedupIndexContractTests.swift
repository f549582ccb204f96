import Engine
import EngineContracts
import Logging
import Testing

@Suite("The dedup indexes keep their contract")
struct DedupIndexContractTests {
    @Test(
        "each index keeps each promise", arguments: Registry<any DedupIndex>.builtin.entries.map(\.name),
        DedupIndexContract.cases)
    func promise(_ name: String, _ one: DedupIndexContract.Case) async throws {
        try await one.run {
            try Registry<any DedupIndex>.builtin.make(
                PluginChoice(type: name, settings: .empty(at: "test")), in: PluginContext(logger: Logger(label: "test"))
            )
        }
    }

    @Test("each promise of plug-ins", arguments: PluginContract.cases)
    func pluginPromise(_ one: PluginContract.Case) async throws { try await one.run(PluginSubject(MemoryIndex.self)) }
}
