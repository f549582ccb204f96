import EngineContracts
import Logging
import Testing

@testable import Engine

@Suite("The dedup indexes keep their contract")
struct DedupIndexContractTests {
    @Test(
        "each index keeps each promise", arguments: Registry<any DedupIndex>.builtin.entries.map(\.name),
        DedupIndexContract.cases)
    func promise(_ name: String, _ one: DedupIndexContract.Case) async throws {
        let folder = ScratchFolder()
        try await one.run {
            try Registry<any DedupIndex>.builtin.make(
                PluginChoice(type: name, settings: .empty(at: "test")), in: folder.context)
        }
    }

    @Test("the index on disk keeps each promise with nearly everything in files", arguments: DedupIndexContract.cases)
    func promiseInFiles(_ one: DedupIndexContract.Case) async throws {
        let folder = ScratchFolder()
        try await one.run {
            let index = try DiskIndex(DiskIndexSettings(), in: folder.context, tableLimit: 16)
            try index.open(ofRepository: RandomName.make())
            return index
        }
    }

    @Test("each promise of plug-ins", arguments: PluginContract.cases)
    func pluginPromise(_ one: PluginContract.Case) async throws {
        try await one.run(PluginSubject(MemoryIndex.self))
        try await one.run(PluginSubject(DiskIndex.self))
    }
}
