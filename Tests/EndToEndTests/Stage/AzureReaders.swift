import Foundation

/// `Tests/SDKProof/azure_proof/landed.py`: what Microsoft's own clients read of a disk that landed in Azure.
struct AzureReaders: Sendable {
    enum Client: String {
        case sdk, azcopy
    }

    private static let interpreter = IndependentReader.root.appending(path: ".venv-azure/bin/python").path

    /// Where it has to run, missing clients are a failure.
    static let isWanted =
        FileManager.default.isExecutableFile(atPath: interpreter)
        || ProcessInfo.processInfo.environment["CI_REQUIRED_SDK"] == "1"
    static let absence =
        "no Python with the packages of Tests/SDKProof/azure_proof/requirements.txt: make .venv-azure"

    /// Nil when the bytes behind the URL are those of the file.
    static func complaint(
        _ client: Client, _ address: String, _ file: String, in place: Workplace
    ) async throws -> String? {
        let script = IndependentReader.root.appending(path: "Tests/SDKProof/azure_proof/landed.py").path
        let finished = try await Program(path: interpreter).run(
            ["-B", script, client.rawValue, address, place.file(file)] + (client == .azcopy ? [place.path] : []),
            in: place.path, limit: .seconds(300))
        return finished.status == 0 ? nil : "\(finished)"
    }
}
