import Foundation
import Testing

/// A proxy that dies at any moment loses nothing that was committed and leaves nothing for others to clean up.
///
/// `AHVAULT_KILLS` says how many times each of the two is killed on each target; 12 on the local one and 3 on the others
/// unless it is set.
@Suite("Kill -9")
struct KillTests {
    private static let wanted = ProcessInfo.processInfo.environment["AHVAULT_KILLS"].flatMap(Int.init)

    private static func kills(on target: TargetStage) -> Int { wanted ?? (target.kind == .local ? 12 : 3) }

    @Test(
        "of a backup at random moments: earlier restore points stay whole, the next run works and cleans up",
        arguments: TargetKind.chosen)
    func backups(kind: TargetKind) async throws {
        try await Lab.use("kill-backup", vms: Self.machine) { lab in
            try await TargetStage.use(kind, in: lab.place) { try await killBackups(lab, on: $0) }
        }
    }

    private func killBackups(_ lab: Lab, on target: TargetStage) async throws {
        let proxy = try await lab.proxy(on: target)
        let disk = try await lab.state().disk("web", "scsi.0")
        try disk.writeRandom(0..<48 << 20, seed: 1)
        _ = try await proxy.backUp("web")
        var generator = SeededGenerator(seed: 4)
        let window = try await Self.seconds(of: ["backup", "vm", "web", "--full"], proxy)
        for kill in 0..<Self.kills(on: target) {
            let before = try disk.copy(to: lab.place.file("before.raw"))
            let known = try await proxy.points().map(\.id)
            let start = 4096 * Int.random(in: 0..<10_000, using: &generator)
            try disk.writeRandom(start..<start + (6 << 20), seed: generator.next())
            try await Self.kill(proxy.start("backup", "vm", "web", "--full"), within: window, &generator)

            let points = try await proxy.points().map(\.id)
            #expect(points.starts(with: known))
            try await proxy.run("restore", "vm", known[known.count - 1], "--name", "before-\(kill)")
            let restored = try await lab.state().disk("before-\(kill)", "scsi.0")
            #expect(try before.difference(to: restored) == nil, "after kill \(kill)")
            #expect(try await proxy.check().damages.isEmpty, "after kill \(kill)")
            try await expectWorks(proxy, lab, disk, "after-\(kill)")
        }
    }

    @Test(
        "of a restore at random moments: nothing half-made is a VM, the next restore works and cleans up",
        arguments: TargetKind.chosen)
    func restores(kind: TargetKind) async throws {
        try await Lab.use("kill-restore", vms: Self.machine) { lab in
            try await TargetStage.use(kind, in: lab.place) { try await killRestores(lab, on: $0) }
        }
    }

    private func killRestores(_ lab: Lab, on target: TargetStage) async throws {
        let proxy = try await lab.proxy(on: target)
        let disk = try await lab.state().disk("web", "scsi.0")
        try disk.writeRandom(0..<48 << 20, seed: 1)
        _ = try await proxy.backUp("web")
        var generator = SeededGenerator(seed: 5)
        let arguments = ["restore", "vm", "latest", "--vm", "web", "--name"]
        let window = try await Self.seconds(of: arguments + ["measured"], proxy)
        for kill in 0..<Self.kills(on: target) {
            let name = "killed-\(kill)"
            let running = try Program.ahvault.start(
                arguments + [name], in: proxy.place.path, environment: proxy.environment)
            try await Self.kill(running, within: window, &generator)
            if let half = try await lab.state().vms.first(where: { $0.name == name }) {
                let found = try await lab.state().disk(half.name, "scsi.0")
                #expect(try disk.difference(to: found) == nil, "a VM that is there is whole")
            }
        }
        #expect(try await proxy.check().damages.isEmpty)
        try await expectWorks(proxy, lab, disk, "after")
    }

    static let machine = "  - { name: web, cluster: prod, disks: [{ bus: scsi, index: 0, size: 64MiB }] }"

    /// The next backup and restore bring back what the guest has now, and nothing of ours is left but one reference.
    private func expectWorks(_ proxy: Proxy, _ lab: Lab, _ disk: ImageDisk, _ name: String) async throws {
        _ = try await proxy.backUp("web")
        try await proxy.run("restore", "vm", "latest", "--vm", "web", "--name", name)
        let state = try await lab.state()
        #expect(try disk.difference(to: state.disk(name, "scsi.0")) == nil, "\(name)")
        #expect(state.volumeGroups.map(\.name) == [], "\(name)")
        #expect(state.recoveryPoints.count == 1, "\(name)")
    }

    /// How long the command takes when nobody disturbs it.
    private static func seconds(of arguments: [String], _ proxy: Proxy) async throws -> Double {
        let start = ContinuousClock.now
        let finished = try await Program.ahvault.run(
            arguments, in: proxy.place.path, environment: proxy.environment)
        try #require(finished.status == 0, "\(finished)")
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private static func kill(
        _ running: RunningProgram, within window: Double, _ generator: inout SeededGenerator
    ) async throws {
        try await Task.sleep(for: .seconds(Double.random(in: 0...window, using: &generator)))
        running.killNow()
        _ = try await running.finished(within: .seconds(20))
    }
}
