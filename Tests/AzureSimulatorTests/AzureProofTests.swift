import Foundation
import Testing

@Suite("Azure SDK proof")
struct AzureProofTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The Python that has Microsoft's packages.
    private static var interpreter: String? {
        let wanted = ProcessInfo.processInfo.environment["AHVAULT_AZURE_PYTHON"]
        let path = wanted ?? root.appendingPathComponent(".venv-azure/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    /// Whether the proof has to run: then a missing interpreter is a failure.
    private static var isRequired: Bool { ProcessInfo.processInfo.environment["CI_REQUIRED_SDK"] == "1" }

    @Test(
        "Microsoft's own clients are content with the simulator",
        .enabled(
            if: interpreter != nil || isRequired,
            """
            no Python with the packages of Tests/SDKProof/azure_proof/requirements.txt: \
            set AHVAULT_AZURE_PYTHON or make .venv-azure
            """))
    func proof() async throws {
        let interpreter = try #require(Self.interpreter, "the proof is required, but its Python is missing")
        let script = Self.root.appendingPathComponent("Tests/SDKProof/azure_proof/prove.py").path
        let (status, output) = try await Self.run(interpreter, ["-B", script, try Self.simulator().path])
        #expect(status == 0, "\(output)")
        #expect(output.contains(" checks passed, 0 failed"))
    }

    /// Runs a program and takes what it prints; it is ended after five minutes.
    private static func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                do {
                    let process = Process()
                    process.executableURL = URL(fileURLWithPath: program)
                    process.arguments = arguments
                    let pipe = Pipe()
                    process.standardOutput = pipe
                    process.standardError = pipe
                    process.standardInput = FileHandle.nullDevice
                    try process.run()
                    let watch = DispatchSource.makeTimerSource()
                    watch.schedule(deadline: .now() + .seconds(300))
                    watch.setEventHandler { process.terminate() }
                    watch.resume()
                    defer { watch.cancel() }
                    let data = pipe.fileHandleForReading.readDataToEndOfFile()
                    process.waitUntilExit()
                    continuation.resume(
                        returning: (process.terminationStatus, String(decoding: data, as: UTF8.self)))
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    /// The executable that was built beside these tests.
    private static func simulator() throws -> URL {
        let folders =
            [Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent()]
            + ["debug", "release"].map { root.appendingPathComponent(".build/\($0)") }
        let found = folders.map { $0.appendingPathComponent("azure-simulator") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        return try #require(found, "azure-simulator is not built")
    }
}
