import Foundation
import Testing

/// What the other tests promise of repositories in a folder, where the repository lies behind a server.
@Suite("Repositories behind servers")
struct RemoteTargetTests {
    private static let size = 24 << 20

    /// A proxy with one VM, on the repository that all share.
    private func proxy(_ place: Workplace, _ name: String, on target: TargetStage) throws -> (Proxy, ImageDisk) {
        let disk = try ImageDisk(place.file("\(name).raw"), size: Self.size)
        return (try Proxy.stormy(place, name, on: target), disk)
    }

    private func restored(_ place: Workplace, _ name: String, as copy: String) -> ImageDisk {
        ImageDisk(existing: place.file("restored-\(name)/\(copy)/scsi.0.raw"))
    }

    @Test(
        "a VM is backed up, goes on incrementally, comes back, is checked and pruned, and a blank machine goes on",
        arguments: TargetKind.remote)
    func roundTrip(kind: TargetKind) async throws {
        let place = try Workplace("remote")
        try await TargetStage.use(kind, in: place) { target in
            let (proxy, disk) = try proxy(place, "anna", on: target)
            try await proxy.run("repository", "init")
            try disk.writeRandom(0..<16 << 20, seed: 1)
            let first = try #require(try await proxy.backUp("anna").machines[0].restorePoint)
            let before = try disk.copy(to: place.file("before.raw"))
            try disk.writeRandom(3 << 20..<4 << 20, seed: 2)
            let increment = try await proxy.backUp("anna")
            #expect(increment.machines[0].disks[0].isIncremental)
            #expect(increment.written.dataBytes < 2 << 20)

            try await proxy.run("restore", "vm", first, "--name", "first")
            #expect(try before.difference(to: restored(place, "anna", as: "first")) == nil)
            #expect(try await proxy.check().damages.isEmpty)
            try await proxy.run("points", "delete", first, "--yes")
            let pruned: PruneRecord = try await proxy.run("repository", "prune", "--json").document()
            #expect(pruned.report.deleted.bytes > 0)

            try proxy.place.remove("cache")
            try await proxy.run("restore", "vm", "latest", "--vm", "anna", "--name", "second")
            #expect(try disk.difference(to: restored(place, "anna", as: "second")) == nil)
            try disk.writeRandom(8 << 20..<9 << 20, seed: 3)
            let again = try await proxy.backUp("anna")
            #expect(again.machines[0].disks[0].isIncremental && again.written.dataBytes < 2 << 20)
            #expect(try await proxy.check().damages.isEmpty)
        }
    }

    @Test(
        "two proxies at once on one repository lose nothing, and neither falls back to a full",
        arguments: TargetKind.remote
    )
    func twoProxies(kind: TargetKind) async throws {
        let place = try Workplace("shared")
        try await TargetStage.use(kind, in: place) { target in
            let both = try ["anna", "bert"].map { ($0, try proxy(place, $0, on: target)) }
            try await both[0].1.0.run("repository", "init")
            for (_, (_, disk)) in both { try disk.writeRandom(0..<12 << 20, seed: 7) }
            for round in 0..<3 as Range<UInt64> {
                let reports = try await withThrowingTaskGroup(of: BackupRecord.self) { group in
                    for (name, (proxy, _)) in both { group.addTask { try await proxy.backUp(name) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                for report in reports {
                    #expect(report.machines[0].disks[0].isIncremental == (round > 0))
                    #expect(report.written.dataBytes < (round > 0 ? 2 << 20 : 13 << 20))
                }
                for (number, (_, (_, disk))) in both.enumerated() {
                    try disk.writeRandom((15 << 20)..<16 << 20, seed: 100 * round + UInt64(number))
                }
            }
            for (name, (proxy, _)) in both { _ = try await proxy.backUp(name) }
            try await both[1].1.0.run("repository", "prune")
            for (name, (proxy, disk)) in both {
                try await proxy.run("restore", "vm", "latest", "--vm", name, "--name", "back")
                #expect(try disk.difference(to: restored(place, name, as: "back")) == nil)
                #expect(try await proxy.points().count == 8)
            }
            #expect(try await both[0].1.0.check().damages.isEmpty)
        }
    }

    @Test(
        "copies go to a server and back, and two proxies work on the two repositories without a needless full",
        arguments: TargetKind.remote)
    func copies(kind: TargetKind) async throws {
        let place = try Workplace("copied")
        try await TargetStage.use(kind, in: place) { target in
            let (anna, disk) = try pair(place, "anna", on: target)
            let (bert, other) = try pair(place, "bert", on: target)
            for repository in ["main", "offsite"] {
                try await anna.run("repository", "init", "--repository", repository)
            }
            for day in 0..<2 as Range<UInt64> {
                try disk.writeRandom(Int(day) << 22..<6 << 20, seed: day)
                try other.writeRandom(Int(day) << 22..<5 << 20, seed: 10 + day)
                try await anna.run("backup", "vm", "anna", "--repository", "main")
                // One proxy copies to the server while another backs up there.
                async let copy = anna.run("copy", "--from", "main", "--to", "offsite", "--verify")
                async let backup = bert.run("backup", "vm", "bert", "--repository", "offsite", "--json")
                _ = try await copy
                let report: BackupRecord = try await backup.lastLine()
                #expect(report.machines[0].disks[0].isIncremental == (day > 0))
            }
            try disk.writeRandom(2 << 20..<3 << 20, seed: 30)
            let report: BackupRecord = try await anna.run(
                "backup", "vm", "anna", "--repository", "offsite", "--json"
            ).lastLine()
            // The source noted what it knows for the other repository, so it reads everything, and stores what changed.
            #expect(report.written.dataBytes < 2 << 20)

            try await bert.run("copy", "--from", "offsite", "--to", "main")
            for repository in ["main", "offsite"] {
                for (name, disk) in [("anna", disk), ("bert", other)] {
                    try await anna.run(
                        "restore", "vm", "latest", "--vm", name, "--repository", repository, "--name",
                        "\(name)-\(repository)")
                    let restored = restored(place, "anna", as: "\(name)-\(repository)")
                    #expect(try disk.difference(to: restored) == nil, "\(name) from \(repository)")
                }
                let points: [PointRecord] = try await bert.run(
                    "points", "list", "--repository", repository, "--json"
                ).document()
                #expect(points.count == 5)
                let check: CheckRecord = try await bert.run(
                    "repository", "check", "--read-data", "--repository", repository, "--json"
                ).document()
                #expect(check.damages.isEmpty)
            }
        }
    }

    /// A proxy with one VM and two repositories: one in a folder, and an encrypted one behind the server.
    private func pair(_ place: Workplace, _ name: String, on target: TargetStage) throws -> (Proxy, ImageDisk) {
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
              main: { target: { type: local, path: \(place.file("main")) } }
              offsite: { target: \(target.target("offsite")), encryption: { passphrase: "env:COPY_PASSPHRASE" } }
            proxy: { name: \(name) }
            cache: \(folder.file("cache"))
            """)
        let secrets = ["COPY_PASSPHRASE": "correct horse battery staple"].merging(target.environment) { $1 }
        let disk = try ImageDisk(place.file("\(name).raw"), size: Self.size)
        return (Proxy(configured: folder, environment: secrets), disk)
    }
}
