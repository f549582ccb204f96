import Testing

@testable import HostKit

@Suite("export azure")
struct ExportAzureTests {
    @Test("a place that is not configured is told with those that are")
    func place() async throws {
        let scene = try HostScene(more: AzureSectionTests.block)
        let outcome = await scene.run("export", "azure", "latest", "--vm", "web", "--to", "clod")
        #expect(outcome.status == .wrongUsage)
        #expect(outcome.errors.contains("--to: no subscription of Azure `clod`; configured: cloud"))
    }

    @Test("a mode that is not configured is told")
    func mode() async throws {
        let scene = try HostScene(more: AzureSectionTests.block)
        let outcome = await scene.run(
            "export", "azure", "latest", "--vm", "web", "--to", "cloud", "--mode", "page-blob")
        #expect(outcome.status == .wrongUsage)
        #expect(outcome.errors.contains("`azure.cloud` has no `pageBlob`"))
    }

    @Test("nothing to discard is told")
    func discard() async throws {
        let scene = try HostScene(more: AzureSectionTests.block)
        try scene.addMachine("web", text: "x")
        #expect(await scene.run("repository", "init").status == .done)
        #expect(await scene.run("backup", "vm", "web").status == .done)
        let outcome = await scene.run("export", "azure", "latest", "--vm", "web", "--to", "cloud", "--discard")
        #expect(outcome.status == .failed)
        #expect(outcome.errors.contains("nothing was interrupted"))
    }
}
