import Engine
import Foundation

@testable import HostKit

/// A proxy with its configuration, a cluster in memory and a repository in a folder, all of one test.
struct HostScene: Sendable {
    let folder: ScratchFolder
    let cluster: MemoryCluster
    let configPath: String
    let clock = FakedClock()

    static let plugins = Plugins(
        sources: Registry([SharedClusterSource.self]), targets: Plugins.builtin.targets,
        codecs: Plugins.builtin.codecs, indexes: Plugins.builtin.indexes)

    static let oneJob = "  all: { source: lab, repository: main, vms: { names: [\"*\"] } }"

    /// - Parameters:
    ///   - jobs: lines of the `jobs` section, indented by two.
    ///   - repository: more keys of the repository's block, each with a comma before it.
    ///   - more: other lines of the file.
    init(jobs: String = oneJob, repository: String = "", more: String = "") throws {
        folder = try ScratchFolder()
        let name = UUID().uuidString
        cluster = SharedClusterSource.cluster(name)
        configPath = try folder.write(
            """
            cache: cache
            sources:
              lab: { type: shared, cluster: \(name) }
            repositories:
              main: { target: { type: local, path: repository, fsync: false }\(repository) }
            jobs:
            \(jobs)
            \(more)

            """, to: "ahvault.yaml")
    }

    struct Outcome: Sendable {
        let status: ExitStatus
        let output: String
        let errors: String
    }

    /// Runs one command line with this scene's configuration.
    func run(_ arguments: String...) async -> Outcome {
        await Self.run(["--config", configPath] + arguments, clock: clock)
    }

    /// Runs one command line while somebody sits at the terminal who answers every question so.
    func run(answering answer: String, _ arguments: String...) async -> Outcome {
        await Self.run(["--config", configPath] + arguments, clock: clock, answer: answer)
    }

    static func run(
        _ arguments: [String], environment: [String: String] = [:], clock: FakedClock = FakedClock(),
        answer: String? = nil
    ) async -> Outcome {
        let console = CapturedConsole()
        let surroundings = Surroundings(
            console: console.console, plugins: plugins, now: { clock.now },
            ask: { question in
                if answer != nil { console.console.complain(question) }
                return answer
            }, askSecret: { _ in answer }, environment: { environment[$0] })
        let status = await Program(surroundings).run(arguments)
        return Outcome(status: status, output: console.output, errors: console.errors)
    }

    /// Changes the configuration: every `text` becomes `other`.
    func edit(_ text: String, to other: String) throws {
        let before = try String(contentsOfFile: configPath, encoding: .utf8)
        try before.replacingOccurrences(of: text, with: other).write(
            toFile: configPath, atomically: true, encoding: .utf8)
    }

    /// Adds a VM whose first disk begins with `text`.
    func addMachine(_ name: String, text: String) throws {
        cluster.addMachine(name, diskSizes: [1 << 20])
        try write(text, to: name)
    }

    func write(_ text: String, to machine: String) throws {
        let bytes = Array(text.utf8)
        try cluster.withImage(of: machine, at: DiskAddress(bus: "scsi", index: 0)) { image in
            image.write(bytes.span.bytes, at: 0)
        }
    }

    /// What the first disk of a VM begins with.
    func read(_ count: Int, from machine: String) throws -> String {
        try cluster.withImage(of: machine, at: DiskAddress(bus: "scsi", index: 0)) { image in
            let buffer = Buffer(capacity: count)
            image.read(ByteRange(0, UInt64(count)), into: buffer)
            return String(decoding: buffer.array, as: UTF8.self)
        }
    }
}
