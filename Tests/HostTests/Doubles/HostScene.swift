import Engine
import Foundation

@testable import HostKit

/// A proxy with its configuration, a cluster in memory and a repository in a folder, all of one test.
struct HostScene: Sendable {
    let folder: ScratchFolder
    let cluster: MemoryCluster
    let configPath: String

    static let plugins = Plugins(
        sources: Registry([SharedClusterSource.self]), targets: Plugins.builtin.targets,
        codecs: Plugins.builtin.codecs, indexes: Plugins.builtin.indexes)

    /// - Parameter jobs: lines of the `jobs` section, indented by two.
    init(jobs: String = "  all: { source: lab, repository: main, vms: { names: [\"*\"] } }") throws {
        folder = try ScratchFolder()
        let name = UUID().uuidString
        cluster = SharedClusterSource.cluster(name)
        configPath = try folder.write(
            """
            cache: cache
            sources:
              lab: { type: shared, cluster: \(name) }
            repositories:
              main: { target: { type: local, path: repository, fsync: false } }
            jobs:
            \(jobs)

            """, to: "ahvault.yaml")
    }

    struct Outcome: Sendable {
        let status: ExitStatus
        let output: String
        let errors: String
    }

    /// Runs one command line with this scene's configuration.
    func run(_ arguments: String...) async -> Outcome {
        await Self.run(["--config", configPath] + arguments)
    }

    static func run(_ arguments: [String], environment: [String: String] = [:]) async -> Outcome {
        let console = CapturedConsole()
        let surroundings = Surroundings(console: console.console, plugins: plugins) { environment[$0] }
        let status = await Program(surroundings).run(arguments)
        return Outcome(status: status, output: console.output, errors: console.errors)
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
