import EngineContracts
import Testing

@Suite("The AHV source keeps the contract of sources")
struct SourceContractTests {
    @Test("with the newest API", arguments: SourceContract.cases)
    func newest(_ contract: SourceContract.Case) async throws {
        try await contract.run(AHVSourceFixture(lab: try await SimulatedLab.start()))
    }

    @Test("with v4.1 and small pages of changed regions", arguments: SourceContract.cases)
    func smallPages(_ contract: SourceContract.Case) async throws {
        let lab = try await SimulatedLab.start(
            settings: "version: v4.1\nchangedRegions: { perAnswer: 2, lastOffset: absent, numbersAsTexts: always }")
        try await contract.run(AHVSourceFixture(lab: lab))
    }
}
