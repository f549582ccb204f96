import Foundation
import Testing

/// Rules, pins, deletions and prune on a real repository, by the real program.
@Suite("Retention")
struct RetentionTests {
    /// What `repository prune --json` prints.
    struct PruneRecord: Decodable, Sendable {
        struct VM: Decodable, Sendable {
            let points: [Point]
        }

        struct Point: Decodable, Sendable {
            let id: String
            let isKept: Bool
            let reasons: [String]
        }

        struct Space: Decodable, Sendable, Equatable {
            let freedBytes: Int
            let reclaimableBytes: Int
        }

        struct Report: Decodable, Sendable {
            let points: [String]
            let keptPoints: Int
        }

        let isDryRun: Bool
        let vms: [VM]
        let space: Space
        let report: Report
    }

    /// A proxy whose job `nightly` backs up the VM `vm`; made again with another rule it changes the configuration.
    private func proxy(_ place: Workplace, keep: String = "") throws -> Proxy {
        try Proxy(
            place,
            sources: """
                  images: { type: image-files, state: \(place.file("state")), restore: \(place.file("restored")),
                            machines: [{ name: vm, disks: [{ path: \(place.file("disk.raw")) }] }] }
                """,
            more: "jobs: { nightly: { source: images, repository: main, vms: { names: [vm] }\(keep) } }")
    }

    /// Runs the job so many times; before each it changes what the run before the last one changed. Keeps a copy of the
    /// disk at each restore point.
    private func history(_ proxy: Proxy, _ disk: ImageDisk, runs: Int) async throws -> [String: ImageDisk] {
        var generator = SeededGenerator(seed: UInt64(runs))
        var copies: [String: ImageDisk] = [:]
        for run in 0..<runs {
            let start = run % 2 * (4 << 20)
            try disk.writeRandom(start..<start + (1 << 20), seed: generator.next())
            let report: BackupRecord = try await proxy.run("backup", "run", "nightly", "--json").lastLine()
            let point = try #require(report.machines.first?.restorePoint)
            copies[point] = try disk.copy(to: proxy.place.file("run-\(run).raw"))
        }
        return copies
    }

    private func restoreAll(_ copies: [String: ImageDisk], _ proxy: Proxy) async throws {
        let points = try await proxy.points()
        for point in points {
            let copy = try #require(copies[point.id])
            try await proxy.run("restore", "vm", point.id, "--name", point.id)
            let restored = ImageDisk(existing: proxy.place.file("restored/\(point.id)/scsi.0.raw"))
            #expect(try copy.difference(to: restored) == nil, "\(point.id)")
        }
    }

    private func stored(_ place: Workplace) -> Int {
        place.size(of: "repository/packs") + place.size(of: "repository/manifests")
    }

    @Test("rule, pin and deletion decide; a dry run counts the bytes that the prune then frees; what stays is whole")
    func prune() async throws {
        let place = try Workplace("retention")
        let disk = try ImageDisk(place.file("disk.raw"), size: 16 << 20)
        try disk.writeRandom(0..<8 << 20, seed: 1)
        let proxy = try proxy(place)
        try await proxy.run("repository", "init")
        let copies = try await history(proxy, disk, runs: 9)
        let ids = try await proxy.points().map(\.id)
        try await proxy.run("points", "pin", ids[1], "--note", "before the upgrade")
        try await proxy.run("points", "delete", ids[1], "--yes", expecting: 2)
        try await proxy.run("points", "delete", ids[7], expecting: 2)
        try await proxy.run("points", "delete", ids[7], "--yes")

        let ruled = try self.proxy(place, keep: ", keep: { last: 2, minimum: 3 }")
        let before = stored(place)
        let planned: PruneRecord = try await ruled.run("repository", "prune", "--dry-run", "--json").document()
        #expect(planned.isDryRun)
        #expect(stored(place) == before)
        let done: PruneRecord = try await ruled.run("repository", "prune", "--json").document()
        let kept = [ids[1], ids[6], ids[8]]
        #expect(planned.vms.flatMap(\.points).filter(\.isKept).map(\.id) == kept)
        #expect(planned.vms.first?.points.first { $0.id == ids[1] }?.reasons == ["pinned"])
        #expect(done.report.points == planned.report.points)
        #expect(done.report.points == ids.filter { !kept.contains($0) && $0 != ids[7] })
        #expect(done.space == planned.space)
        #expect(before - stored(place) == done.space.freedBytes)
        #expect(done.space.freedBytes > 3 << 20)
        #expect(done.space.freedBytes == done.space.reclaimableBytes)

        #expect(try await ruled.points().map(\.id) == kept)
        #expect(try await ruled.check().damages.isEmpty)
        try await restoreAll(copies, ruled)
        let again: PruneRecord = try await ruled.run("repository", "prune", "--dry-run", "--json").document()
        #expect(again.report.points.isEmpty)
        #expect(again.space.freedBytes == 0)
    }

    @Test("a job keeps its rule by itself, and goes on incrementally from what stays")
    func job() async throws {
        let place = try Workplace("keeping")
        let disk = try ImageDisk(place.file("disk.raw"), size: 16 << 20)
        try disk.writeRandom(0..<4 << 20, seed: 1)
        let proxy = try proxy(place, keep: ", keep: { last: 3 }")
        try await proxy.run("repository", "init")
        let copies = try await history(proxy, disk, runs: 6)
        let points = try await proxy.points()
        #expect(points.count == 3)
        #expect(points.allSatisfy { $0.kind == "incremental" })
        try await proxy.run("repository", "prune", "--waste", "0")
        #expect(try await proxy.check().damages.isEmpty)
        try await restoreAll(copies, proxy)
        let report: BackupRecord = try await proxy.run("backup", "run", "nightly", "--json").lastLine()
        #expect(report.machines.first?.disks.first?.isIncremental == true)
        #expect(report.written.dataBytes == 0)
    }
}
