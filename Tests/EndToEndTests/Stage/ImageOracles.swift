import Foundation

/// `Tests/ImageOracles/compare_image.py`: what readers that nobody of AHVault wrote see in an image.
struct ImageOracles: Sendable {
    private static let interpreter = IndependentReader.root.appending(path: ".venv-images/bin/python").path

    /// Where it has to run, missing readers are a failure.
    static let isWanted =
        FileManager.default.isExecutableFile(atPath: interpreter)
        || ProcessInfo.processInfo.environment["CI_REQUIRED_ORACLES"] == "1"
    static let absence = "no Python with the packages of Tests/ImageOracles/requirements.txt: make .venv-images"

    /// What each reader says, if one of them sees another disk than the raw one.
    static func complaint(
        _ raw: String, _ image: String, _ format: String, _ variant: String, in place: Workplace,
        skipping: [String] = [], isSampled: Bool = false
    ) async throws -> String? {
        let script = IndependentReader.root.appending(path: "Tests/ImageOracles/compare_image.py").path
        let more = skipping.flatMap { ["--skip", $0] } + (isSampled ? ["--sampled"] : [])
        let finished = try await Program(path: interpreter).run(
            ["-B", script, raw, image, format, variant] + more, in: place.path, limit: .seconds(900))
        return finished.status == 0 ? nil : "\(finished)"
    }
}
