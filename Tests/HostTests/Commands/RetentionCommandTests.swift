import Engine
import Foundation
import Testing

@testable import HostKit

@Suite("Jobs and prune act on the rules")
struct RetentionCommandTests {
    static let zone = "timeZone: Europe/Berlin"

    static func job(_ name: String, keep: String?) -> String {
        "  \(name): { source: lab, repository: main, vms: { names: [\"*\"] }\(keep.map { ", keep: { \($0) }" } ?? "") }"
    }

    static func scene(jobs: String..., repository: String = "") async throws -> HostScene {
        let scene = try HostScene(jobs: jobs.joined(separator: "\n"), repository: repository, more: zone)
        try scene.addMachine("web", text: "content of web")
        _ = await scene.run("repository", "init")
        scene.clock.set("2026-11-01T22:00:00Z")
        return scene
    }

    /// Runs a job once a day, from the day of the clock on.
    static func run(_ job: String, days: Int, in scene: HostScene) async throws {
        for day in 0..<days {
            try scene.write("day \(day) of \(job)", to: "web")
            #expect(await scene.run("backup", "run", job).status == .done)
            scene.clock.advance(hours: 24)
        }
    }

    static func days(_ scene: HostScene) async throws -> [String] {
        try await PointCommandTests.ids(scene).map { String($0.prefix(8).suffix(4)) }
    }

    static func json(_ outcome: HostScene.Outcome) throws -> JSONValue {
        try JSONValue(parsing: Array(outcome.output.utf8))
    }

    @Test("after each run a job deletes what its rule gives up, and says so")
    func job() async throws {
        let scene = try await Self.scene(jobs: Self.job("nightly", keep: "last: 2, weekly: 2"))
        try await Self.run("nightly", days: 10, in: scene)
        #expect(try await Self.days(scene) == ["1108", "1109", "1110"])
        let text = await scene.run("backup", "run", "nightly")
        #expect(text.output.contains("deleted, as the job's `keep` has it:\n  20261109-"))
        #expect(!text.errors.contains("does not act on it"))
        scene.clock.advance(hours: 24)
        let events = await scene.run("backup", "run", "nightly", "--json")
        let report = try #require(try BackupAndRestoreTests.events(events.output).last)
        #expect(report["deleted"]?.array.map { $0["id"]?.string?.prefix(8) } == ["20261110"])
        #expect(await scene.run("repository", "check", "--read-data").status == .done)
    }

    @Test("a job touches only its own restore points, and not those of a VM that failed")
    func others() async throws {
        let scene = try await Self.scene(
            jobs: Self.job("nightly", keep: "last: 1"), Self.job("weekly", keep: nil))
        try await Self.run("weekly", days: 2, in: scene)
        #expect(await scene.run("backup", "vm", "web").status == .done)
        scene.clock.advance(hours: 24)
        try await Self.run("nightly", days: 2, in: scene)
        #expect(try await Self.days(scene) == ["1101", "1102", "1103", "1105"])
        scene.cluster.setReadHook { _, _ throws(EngineError) in throw EngineError(.unreachable, "the line is cut") }
        try scene.write("other", to: "web")
        #expect(await scene.run("backup", "run", "nightly").status == .failed)
        #expect(try await Self.days(scene).count == 4)
    }

    @Test("a run after the clock went back deletes nothing")
    func clockBack() async throws {
        let scene = try await Self.scene(jobs: Self.job("nightly", keep: "last: 1"))
        try await Self.run("nightly", days: 1, in: scene)
        scene.clock.set("2020-01-01T00:00:00Z")
        try await Self.run("nightly", days: 1, in: scene)
        #expect(try await Self.days(scene) == ["0101", "1101"])
    }

    @Test("a dry run names what goes and what stays, each with its reason; the prune does just that")
    func prune() async throws {
        let scene = try await Self.scene(jobs: Self.job("nightly", keep: nil))
        try await Self.run("nightly", days: 6, in: scene)
        let ids = try await PointCommandTests.ids(scene)
        _ = await scene.run("points", "pin", ids[0])
        try scene.edit("\"*\"] }", to: "\"*\"] }, keep: { last: 1, daily: 2 }")
        let dry = await scene.run("repository", "prune", "--dry-run")
        #expect(dry.status == .done)
        #expect(dry.output.contains("\(ids[0])  2026-11-01 22:00  stays  pinned\n"))
        #expect(dry.output.contains("\(ids[1])  2026-11-02 22:00  goes   not kept by last 1, daily 2 (job nightly)\n"))
        #expect(dry.output.contains("\(ids[5])  2026-11-06 22:00  stays  newest, last 1, daily 1\n"))
        #expect(dry.output.contains("3 restore points would be deleted, 3 stay, of 1 VM in repository main"))
        #expect(try await PointCommandTests.ids(scene) == ids)

        let planned = try Self.json(await scene.run("repository", "prune", "--dry-run", "--json"))
        let done = try Self.json(await scene.run("repository", "prune", "--json"))
        #expect(planned["report"]?["points"] == done["report"]?["points"])
        #expect(planned["space"] == done["space"])
        #expect(done["report"]?["points"]?.array.compactMap(\.string) == Array(ids[1...3]))
        #expect(try await PointCommandTests.ids(scene) == [ids[0], ids[4], ids[5]])
        #expect(await scene.run("repository", "check", "--read-data").status == .done)
        let again = await scene.run("repository", "prune")
        #expect(again.output.contains("0 restore points deleted, 3 stay"))
    }

    @Test("of a job that is configured no longer counts what its newest restore point remembers")
    func formerJob() async throws {
        let scene = try await Self.scene(jobs: Self.job("nightly", keep: "last: 9"), repository: ", keep: { last: 1 }")
        try await Self.run("nightly", days: 3, in: scene)
        try scene.edit("  nightly: {", to: "  daily: {")
        let dry = await scene.run("repository", "prune", "--dry-run")
        #expect(dry.output.contains("0 restore points would be deleted, 3 stay"))
        try scene.edit("  daily: {", to: "  nightly: {")
        try scene.edit("last: 9", to: "last: 2")
        _ = await scene.run("backup", "run", "nightly")
        try scene.edit("  nightly: {", to: "  daily: {")
        #expect(
            await scene.run("repository", "prune", "--dry-run").output.contains(
                "0 restore points would be deleted, 2 stay"))
    }

    @Test("what no job made comes under the repository's rule, and stays when there is none")
    func byHand() async throws {
        let without = try await Self.scene(jobs: Self.job("nightly", keep: "last: 1"))
        let with = try await Self.scene(jobs: Self.job("nightly", keep: "last: 1"), repository: ", keep: { last: 2 }")
        for scene in [without, with] {
            for _ in 0..<3 {
                #expect(await scene.run("backup", "vm", "web").status == .done)
                scene.clock.advance(hours: 1)
            }
        }
        #expect(await without.run("repository", "prune").output.contains("0 restore points deleted, 3 stay"))
        let dry = await with.run("repository", "prune", "--dry-run")
        #expect(dry.output.contains("not kept by last 2 (repository main)"))
        #expect(await with.run("repository", "prune").output.contains("1 restore point deleted, 2 stay"))
    }

    @Test("a restore point whose manifest is damaged is named and stays, though a rule gives it up")
    func damaged() async throws {
        let scene = try await Self.scene(jobs: Self.job("nightly", keep: nil))
        try await Self.run("nightly", days: 3, in: scene)
        let ids = try await PointCommandTests.ids(scene)
        let key = try #require(scene.folder.files(below: "repository/manifests").first { $0.hasSuffix(ids[0]) })
        try scene.folder.replace(key, with: "nonsense")
        try scene.edit("\"*\"] }", to: "\"*\"] }, keep: { last: 1 }")
        let run = await scene.run("backup", "run", "nightly")
        #expect(run.errors.contains("restore point \(ids[0]) stays: "))
        #expect(scene.folder.files(below: "repository/manifests").count == 2)
        #expect(scene.folder.files(below: "repository/manifests").contains(key))
    }

    @Test("days begin where the configuration says")
    func timeZone() async throws {
        let scene = try await Self.scene(jobs: Self.job("nightly", keep: "daily: 9"))
        for time in ["2026-11-01T22:30:00Z", "2026-11-01T23:30:00Z", "2026-11-02T22:30:00Z"] {
            scene.clock.set(time)
            #expect(await scene.run("backup", "run", "nightly").status == .done)
        }
        #expect(try await PointCommandTests.ids(scene).map { $0.prefix(11) } == ["20261101-22", "20261102-22"])
    }
}
