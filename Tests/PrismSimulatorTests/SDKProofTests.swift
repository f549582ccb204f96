import Foundation
import Testing

@Suite("SDK proof")
struct SDKProofTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The Python that has Nutanix's packages.
    private static var interpreter: String? {
        let wanted = ProcessInfo.processInfo.environment["AHVAULT_SDK_PYTHON"]
        let path = wanted ?? root.appendingPathComponent(".venv-sdk/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    /// Whether the proof has to run: then a missing interpreter is a failure.
    private static var isRequired: Bool { ProcessInfo.processInfo.environment["CI_REQUIRED_SDK"] == "1" }

    @Test(
        "Nutanix's own SDK is content with the simulator",
        .enabled(
            if: interpreter != nil || isRequired,
            "no Python with the packages of Tests/SDKProof/requirements.txt: set AHVAULT_SDK_PYTHON or make .venv-sdk"))
    func proof() async throws {
        let interpreter = try #require(Self.interpreter, "the proof is required, but its Python is missing")
        let script = Self.root.appendingPathComponent("Tests/SDKProof/prove.py").path
        let result = try await Tool.run(interpreter, ["-B", script, try Self.simulator().path])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains(" checks passed, 0 failed"))
    }

    /// The executable that was built beside these tests.
    private static func simulator() throws -> URL {
        let folders =
            [Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent()]
            + ["debug", "release"].map { root.appendingPathComponent(".build/\($0)") }
        let found = folders.map { $0.appendingPathComponent("prism-simulator") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        return try #require(found, "prism-simulator is not built")
    }
}
