import Foundation
import Testing

/// The documentation of the format suffices: a reader written by it alone brings disks back.
@Suite(
    "A reader by the documentation",
    .enabled(if: IndependentReader.isWanted, Comment(rawValue: IndependentReader.absence)))
struct ReaderTests {
    /// How a repository is made.
    struct Making: Sendable, CustomTestStringConvertible {
        let codec: String
        let chunker: String
        let isEncrypted: Bool

        var testDescription: String { "\(codec), \(chunker)\(isEncrypted ? ", encrypted" : "")" }

        static let all = ["zstd", "lz4", "zlib", "none"].flatMap { codec in
            ["fixed", "content"].flatMap { chunker in
                [false, true].map { Making(codec: codec, chunker: chunker, isEncrypted: $0) }
            }
        }
        static let few = all.filter { $0.codec == "zstd" && ($0.chunker == "content") == $0.isEncrypted }
    }

    private static let passphrase = "a horse that nobody corrects"

    /// A repository of a VM with two disks, and copies of its disks at each restore point.
    private final class Scene: Sendable {
        let place: Workplace
        let proxy: Proxy
        let reader: IndependentReader
        private let disk: ImageDisk
        private static let size = (10 << 20) + 512

        init(_ making: Making) async throws {
            place = try Workplace("reader")
            disk = try ImageDisk(place.file("disk.raw"), size: Self.size)
            _ = try ImageDisk(place.file("empty.raw"), size: 5 << 20)
            let (first, second) = (place.file("disk.raw"), place.file("empty.raw"))
            let encryption = making.isEncrypted ? ", encryption: { passphrase: \"env:PASSPHRASE\" }" : ""
            var proxy = try Proxy(
                place,
                sources: """
                      images: { type: image-files, state: \(place.file("state")), restore: \(place.file("restored")),
                                machines: [{ name: vm, disks: [{ path: \(first) }, { path: \(second) }] }] }
                    """, codec: "{ type: \(making.codec) }",
                repository: ", chunker: \(making.chunker), chunkSize: 32KiB" + encryption)
            proxy.environment["PASSPHRASE"] = passphrase
            self.proxy = proxy
            reader = IndependentReader(place, passphrase: making.isEncrypted ? passphrase : nil)
            try await proxy.run("repository", "init")
        }

        /// Backs up a first state and then changes, with wipes and text among them.
        func history(_ count: Int, seed: UInt64) async throws -> [(point: String, disk: ImageDisk)] {
            var generator = SeededGenerator(seed: seed)
            try disk.writeText(0..<3 << 20, seed: generator.next())
            try disk.writeRandom((5 << 20) + 700..<Self.size, seed: generator.next())
            var states: [(point: String, disk: ImageDisk)] = []
            for number in 0..<count {
                let report = try await proxy.backUp("vm")
                let point = try #require(report.machines.first?.restorePoint)
                states.append((point, try disk.copy(to: place.file("state-\(number).raw"))))
                for _ in 0..<6 { try change(&generator) }
            }
            return states
        }

        private func change(_ generator: inout SeededGenerator) throws {
            let start = Int.random(in: 0..<Self.size - 300_000, using: &generator)
            let range = start..<start + Int.random(in: 1..<300_000, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: try disk.writeZeros(range)
            case 1: try disk.writeText(range, seed: generator.next())
            default: try disk.writeRandom(range, seed: generator.next())
            }
        }

        /// Reads the points with the reader and compares them with what was there.
        func compare(_ states: [(point: String, disk: ImageDisk)], _ what: String) async throws {
            for (point, disk) in states {
                let read = try await reader.disk(point, "scsi.0", to: "\(point)-\(what).raw")
                #expect(try disk.difference(to: read) == nil, "\(point), \(what)")
            }
        }
    }

    @Test("it brings back what was there at each restore point, however the repository is made", arguments: Making.all)
    func everyPoint(making: Making) async throws {
        let scene = try await Scene(making)
        let states = try await scene.history(2, seed: 1)
        #expect(try await scene.reader.points().map(\.id) == states.map(\.point))
        try await scene.compare(states, "as written")
        guard !making.isEncrypted else { return }
        let empty = try await scene.reader.disk(states[0].point, "scsi.1", to: "empty-again.raw")
        #expect(try empty.difference(to: ImageDisk(existing: scene.place.file("empty.raw"))) == nil)
    }

    @Test("it reads on after restore points went, packs were joined and keys were changed", arguments: Making.few)
    func upkeep(making: Making) async throws {
        let scene = try await Scene(making)
        var states = try await scene.history(4, seed: 4)
        let packs = scene.place.files(below: "repository/packs")
        if making.isEncrypted { try await scene.proxy.run("repository", "key", "rotate") }
        try await scene.proxy.run("points", "delete", states.remove(at: 0).point, "--yes")
        try await scene.proxy.run("repository", "prune")
        #expect(scene.place.files(below: "repository/packs") != packs)
        let report = try await scene.proxy.backUp("vm")
        #expect(report.machines.first?.restorePoint != nil)
        try await scene.compare(states, "pruned")
    }

    @Test("it needs no index run, and bears a damaged one", arguments: Making.few)
    func withoutRuns(making: Making) async throws {
        let scene = try await Scene(making)
        let states = try await scene.history(2, seed: 2)
        for run in scene.place.files(below: "repository/index") {
            try ImageDisk(existing: scene.place.file(run)).flipBit(at: 90)
        }
        try await scene.compare(states, "damaged runs")
        try scene.place.remove("repository/index")
        try await scene.compare(states, "no runs")
    }

    @Test("it says what is damaged, and refuses rather than to give out wrong bytes", arguments: Making.few)
    func damage(making: Making) async throws {
        let scene = try await Scene(making)
        let states = try await scene.history(1, seed: 3)
        let pack = try #require(scene.place.files(below: "repository/packs/d").first)
        try ImageDisk(existing: scene.place.file(pack)).flipBit(at: 5000)
        let refused = try await scene.reader.run(["repository", "disk", states[0].point, "scsi.0", "out.raw"])
        #expect(refused.status == 1)
        #expect(refused.errors.contains(pack.dropFirst("repository/".count)), "\(refused)")
    }

    @Test("it tells a missing and a wrong passphrase apart")
    func passphrases() async throws {
        let scene = try await Scene(Making(codec: "zstd", chunker: "fixed", isEncrypted: true))
        _ = try await scene.history(1, seed: 5)
        let missing = try await IndependentReader(scene.place).run(["repository", "list"])
        #expect(missing.status == 1 && missing.errors.contains("AHVAULT_PASSPHRASE"), "\(missing)")
        let wrong = try await IndependentReader(scene.place, passphrase: "guess").run(["repository", "list"])
        #expect(wrong.status == 1 && wrong.errors.contains("passphrase is wrong"), "\(wrong)")
    }

    /// What is beside the vectors in `docs/formats/vectors`.
    private struct Expectation: Decodable {
        struct Point: Decodable {
            let id: String
            let disks: [Disk]
        }

        struct Disk: Decodable {
            let address: String
            let sha256: String
        }

        let restorePoints: [Point]
        let passphrase: String?
    }

    @Test("it reads the vectors of the documentation", arguments: ["plain", "encrypted"])
    func vectors(name: String) async throws {
        let place = try Workplace("vectors")
        let folder = IndependentReader.root.appending(path: "docs/formats/vectors")
        let document = try Data(contentsOf: folder.appending(path: "\(name).json"))
        let expected = try JSONDecoder().decode(Expectation.self, from: document)
        try FileManager.default.copyItem(atPath: folder.appending(path: name).path, toPath: place.file("repository"))
        let reader = IndependentReader(place, passphrase: expected.passphrase)
        #expect(try await reader.points().map(\.id) == expected.restorePoints.map(\.id))
        for point in expected.restorePoints {
            for disk in point.disks {
                let file = "\(point.id)-\(disk.address).raw"
                _ = try await reader.disk(point.id, disk.address, to: file)
                let sum = try await Program(path: "/usr/bin/sha256sum").run([file], in: place.path)
                #expect(sum.output.hasPrefix(disk.sha256), "\(file)")
            }
        }
    }
}
