import Foundation

/// One of the product's executables, as it lies beside the test bundle.
struct Program: Sendable {
    let path: String

    static let ahvault = Program(path: folder + "/ahvault")
    static let azureSimulator = Program(path: folder + "/azure-simulator")
    static let simulator = Program(path: folder + "/prism-simulator")

    /// `AHVAULT_BINARIES` names another folder, for example that of a release build.
    private static let folder: String = {
        if let chosen = ProcessInfo.processInfo.environment["AHVAULT_BINARIES"] { return chosen }
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: bundle).deletingLastPathComponent().path
    }()

    /// Starts it; what it prints goes to files in `folder`.
    func start(
        _ arguments: [String], in folder: String, environment: [String: String] = [:]
    ) throws -> RunningProgram {
        try RunningProgram(path: path, arguments: arguments, folder: folder, environment: environment)
    }

    /// Runs it to its end.
    /// - Throws: `StageError` when it takes longer than `limit`; it is killed then.
    func run(
        _ arguments: [String], in folder: String, environment: [String: String] = [:], limit: Duration = .seconds(120)
    ) async throws -> Finished {
        try await start(arguments, in: folder, environment: environment).finished(within: limit)
    }
}

/// What a program left when it ended.
struct Finished: Sendable, CustomStringConvertible {
    let command: String
    /// The exit code, or 128 and the signal that ended it.
    let status: Int32
    let output: String
    let errors: String

    var description: String { "\(command): exit \(status)\n\(output.suffix(4000))\n\(errors.suffix(4000))" }
}

/// The stage itself broke, not what plays on it.
struct StageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
