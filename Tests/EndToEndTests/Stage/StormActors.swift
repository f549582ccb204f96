import Foundation
import Testing

/// A proxy that backs one VM up again and again, and remembers what the disk held at each restore point.
actor StormWriter {
    nonisolated let proxy: Proxy
    private let place: Workplace
    private let name: String
    private let disk: ImageDisk
    private var generator: SeededGenerator
    private var copies: [String: ImageDisk] = [:]
    private var seconds = 1.0

    private static let size = 6 << 20

    init(_ place: Workplace, _ name: String, seed: UInt64, on target: TargetStage) throws {
        self.place = place
        self.name = name
        generator = SeededGenerator(seed: seed)
        disk = try ImageDisk(place.file("\(name).raw"), size: Self.size)
        proxy = try Proxy.stormy(place, name, on: target)
    }

    /// The first backup, undisturbed.
    func begin() async throws {
        try disk.writeRandom(0..<4 << 20, seed: generator.next())
        let start = ContinuousClock.now
        try await proxy.run("backup", "vm", name)
        seconds = (ContinuousClock.now - start) / .seconds(1)
        try await learn()
    }

    /// Changes the disk and backs it up; most of these runs are killed.
    func step(_ budget: KillBudget) async throws {
        try change()
        let isFull = Int.random(in: 0..<5, using: &generator) == 0
        let running = try isFull ? proxy.start("backup", "vm", name, "--full") : proxy.start("backup", "vm", name)
        _ = try await running.killed(after: seconds * .random(in: 0...1.3, using: &generator), budget)
        try await learn()
    }

    /// A last backup, undisturbed: it takes away what the dead ones left.
    func finish() async throws {
        try change()
        try await proxy.run("backup", "vm", name)
        try await learn()
        try await proxy.run("repository", "prune")
    }

    /// Restores every restore point of the VM and compares it with what the disk held then.
    func expectEveryPoint() async throws {
        let points = try await proxy.points().filter { $0.vm.name == name }
        #expect(!points.isEmpty)
        for point in points {
            let copy = try #require(copies[point.id])
            try await proxy.run("restore", "vm", point.id, "--name", "\(name)-\(point.id)")
            let restored = ImageDisk(existing: place.file("restored-\(name)/\(name)-\(point.id)/scsi.0.raw"))
            #expect(try copy.difference(to: restored) == nil, "\(point.id)")
        }
    }

    private func change() throws {
        for _ in 0..<3 {
            let start = 512 * Int.random(in: 0..<Self.size / 512 - 1, using: &generator)
            let count = min(Int.random(in: 1..<400_000, using: &generator), Self.size - start)
            try disk.writeRandom(start..<start + count, seed: generator.next())
        }
    }

    /// Restore points that are new since the last look hold what the disk holds now.
    private func learn() async throws {
        let points = try await proxy.points().filter { $0.vm.name == name }
        for point in points where copies[point.id] == nil {
            copies[point.id] = try disk.copy(to: place.file("\(name)-\(point.id).copy"))
        }
        for (id, copy) in copies where !points.contains(where: { $0.id == id }) {
            try FileManager.default.removeItem(atPath: copy.path)
            copies[id] = nil
        }
    }
}

/// A proxy that looks after the repository: prunes, deletes old restore points, checks, changes the key.
actor StormKeeper {
    nonisolated let proxy: Proxy
    private var generator: SeededGenerator

    init(_ place: Workplace, _ name: String, seed: UInt64, on target: TargetStage) throws {
        generator = SeededGenerator(seed: seed)
        _ = try ImageDisk(place.file("\(name).raw"), size: 4096)
        proxy = try Proxy.stormy(place, name, on: target)
    }

    func step(_ budget: KillBudget) async throws {
        let running: RunningProgram
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: running = try proxy.start("repository", "key", "rotate")
        case 1: running = try proxy.start("repository", "check", "--read-data")
        case 2, 3:
            let points = try await proxy.points()
            guard points.count > 8, let oldest = points.first else { return }
            running = try proxy.start("points", "delete", oldest.id, "--yes")
        default: running = try proxy.start("repository", "prune")
        }
        _ = try await running.killed(after: .random(in: 0...1.3, using: &generator), budget)
    }
}

extension RunningProgram {
    /// Kills the process at a random moment, or lets it finish where that comes first.
    /// - Returns: what it left when it finished by itself; it must have succeeded.
    func killed(
        after seconds: Double, _ budget: KillBudget
    ) async throws -> Finished? {
        try await Task.sleep(for: .seconds(seconds))
        let isKilled = isRunning
        if isKilled {
            killNow()
            budget.spend()
        }
        let finished = try await finished(within: .seconds(60))
        if finished.status != 0, finished.status != 128 + 9 {
            Issue.record("\(finished)")
        }
        return isKilled ? nil : finished
    }
}

extension Proxy {
    /// A proxy of its own, with its own cache, on the repository that all share.
    static func stormy(_ place: Workplace, _ name: String, on target: TargetStage) throws -> Proxy {
        let folder = try Workplace(inside: place, name)
        try folder.write(
            "ahvault.yaml",
            """
            sources:
              images:
                type: image-files
                state: \(place.file("state-\(name)"))
                restore: \(place.file("restored-\(name)"))
                machines: [{ name: \(name), disks: [{ path: \(place.file("\(name).raw")) }] }]
            repositories:
              main:
                target: \(target.target())
                index: { type: disk }
                encryption: { passphrase: "env:STORM_PASSPHRASE" }
                prune: { grace: 0min }
            proxy: { name: \(name) }
            cache: \(folder.file("cache"))
            """)
        let secrets = ["STORM_PASSPHRASE": "correct horse battery staple"]
        return Proxy(configured: folder, environment: secrets.merging(target.environment) { $1 })
    }
}
