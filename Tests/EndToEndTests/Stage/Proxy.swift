import Foundation
import Testing

/// A backup proxy: a configuration and the `ahvault` that runs with it.
struct Proxy: Sendable {
    let place: Workplace
    /// Secrets that the configuration names by `env:`.
    var environment: [String: String] = [:]

    /// Writes the configuration. Cache and repository lie in the workplace.
    /// - Parameter repository: more of the repository's settings, each after a comma.
    init(
        _ place: Workplace, sources: String, on target: TargetStage? = nil,
        codec: String = "{ type: zstd, level: 1 }", repository: String = "", more: String = ""
    ) throws {
        self.place = place
        environment = target?.environment ?? [:]
        let keptIn = target?.target() ?? "{ type: local, path: \(place.file("repository")) }"
        try place.write(
            "ahvault.yaml",
            """
            sources:
            \(sources)
            repositories:
              main: { target: \(keptIn), codec: \(codec)\(repository) }
            proxy: { name: end-to-end }
            cache: \(place.file("cache"))
            \(more)
            """)
    }

    /// A proxy whose configuration is written already.
    init(configured place: Workplace, environment: [String: String]) {
        self.place = place
        self.environment = environment
    }

    /// Runs `ahvault` to its end and checks its exit code.
    @discardableResult
    func run(
        _ arguments: String..., expecting status: Int32 = 0, limit: Duration = .seconds(120),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Finished {
        let finished = try await Program.ahvault.run(
            arguments, in: place.path, environment: environment, limit: limit)
        try #require(finished.status == status, "\(finished)", sourceLocation: sourceLocation)
        return finished
    }

    /// Starts `ahvault` and leaves it running.
    func start(_ arguments: String...) throws -> RunningProgram {
        try Program.ahvault.start(arguments, in: place.path, environment: environment)
    }

    /// Backs VMs up and returns the run's report.
    func backUp(
        _ vms: String..., full: Bool = false, expecting status: Int32 = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> BackupRecord {
        let finished = try await Program.ahvault.run(
            ["backup", "vm"] + vms + (full ? ["--full", "--json"] : ["--json"]), in: place.path,
            environment: environment)
        try #require(finished.status == status, "\(finished)", sourceLocation: sourceLocation)
        return try finished.lastLine()
    }

    /// Every restore point, oldest first.
    func points() async throws -> [PointRecord] { try await run("points", "list", "--json").document() }

    /// Reads every byte of the repository; the report says what is damaged.
    func check(
        expecting status: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> CheckRecord {
        try await run(
            "repository", "check", "--read-data", "--json", expecting: status, sourceLocation: sourceLocation
        ).document()
    }
}

extension Finished {
    /// The whole of stdout as one JSON document.
    func document<Record: Decodable>() throws -> Record {
        do {
            return try JSONDecoder().decode(Record.self, from: Data(output.utf8))
        } catch {
            throw StageError("\(error)\n\(self)")
        }
    }

    /// The last line of stdout: the report of a run with `--json`.
    func lastLine<Record: Decodable>() throws -> Record {
        let line = output.split(separator: "\n").last ?? ""
        do {
            return try JSONDecoder().decode(Record.self, from: Data(line.utf8))
        } catch {
            throw StageError("\(error)\n\(self)")
        }
    }
}
