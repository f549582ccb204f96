import Engine
import Foundation
import Testing

@testable import HostKit

@Suite("Backup and restore by command")
struct BackupAndRestoreTests {
    /// Members of the JSON objects that a run printed, one a line.
    static func events(_ output: String) throws -> [JSONValue] {
        try output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    }

    @Test("what was backed up comes back, and only changes are read the second time")
    func roundTrip() async throws {
        let scene = try HostScene()
        try scene.addMachine("web", text: "first state")
        #expect(await scene.run("repository", "init").status == .done)
        let full = await scene.run("backup", "vm", "web")
        #expect(full.status == .done)
        #expect(full.output.contains(", full, consistency crash"))
        #expect(full.output.contains("time over all lanes: source "))
        try scene.write("other state", to: "web")
        let incremental = await scene.run("backup", "run", "all", "--json")
        #expect(incremental.status == .done)
        let report = try #require(try Self.events(incremental.output).last)
        #expect(report["event"]?.string == "report")
        let disk = try #require(report["machines"]?.array.first?["disks"]?.array.first)
        #expect(disk["isIncremental"]?.bool == true)
        #expect(disk["statistics"]?["read"]?.integer == 65_536)

        let points = try JSONValue(parsing: Array(await scene.run("points", "list", "--json").output.utf8)).array
        #expect(points.map { $0["kind"]?.string } == ["full", "incremental"])
        let oldest = try #require(points.first?["id"]?.string)
        #expect(await scene.run("restore", "vm", oldest, "--name", "old").status == .done)
        #expect(await scene.run("restore", "vm", "latest", "--vm", "web", "--name", "new").status == .done)
        #expect(try scene.read(11, from: "old") == "first state")
        #expect(try scene.read(11, from: "new") == "other state")
        let inventory = await scene.run("inventory", "vms")
        #expect(inventory.output.contains(try #require(points.last?["id"]?.string) + " (main)"))
    }

    @Test("one disk comes back as a volume group or at a VM")
    func oneDisk() async throws {
        let scene = try HostScene()
        try scene.addMachine("web", text: "content")
        _ = await scene.run("repository", "init")
        _ = await scene.run("backup", "vm", "web")
        let group = await scene.run(
            "restore", "disk", "latest", "--vm", "web", "--disk", "scsi.0", "--to-volume-group", "files")
        #expect(group.status == .done)
        #expect(group.output.hasPrefix("restored disk scsi.0 of web as volume group files (group-"))
        #expect(scene.cluster.volumeGroup("files")?.size == 1 << 20)
        let attached = await scene.run(
            "restore", "disk", "latest", "--vm", "web", "--disk", "scsi.0", "--attach-to", "web", "--at", "scsi.7")
        #expect(attached.status == .done)
        #expect(attached.output.hasPrefix("restored disk scsi.0 of web, attached to web (vm-1), from restore point "))
        let size = try scene.cluster.withImage(of: "web", at: DiskAddress(bus: "scsi", index: 7)) { $0.size }
        #expect(size == 1 << 20)
        let wrong = await scene.run(
            "restore", "disk", "latest", "--vm", "web", "--disk", "scsi.5", "--to-volume-group", "files")
        #expect(wrong.status == .failed)
        #expect(wrong.errors.contains("has no disk `scsi.5`; it has: scsi.0"))
    }

    @Test("a VM that fails does not keep the others from their restore points: code 3")
    func partly() async throws {
        let scene = try HostScene()
        try scene.addMachine("good", text: "a")
        try scene.addMachine("bad", text: "b")
        scene.cluster.setReadHook { disk, _ throws(EngineError) in
            if disk.id.hasPrefix("vm-2-") { throw EngineError(.unreachable, "the line is cut") }
        }
        _ = await scene.run("repository", "init")
        let outcome = await scene.run("backup", "run", "all")
        #expect(outcome.status == .incomplete)
        #expect(outcome.output.contains("bad: FAILED: "))
        #expect(outcome.output.contains("the line is cut"))
        #expect(outcome.output.contains("1 restore point, 1 VM failed"))
        scene.cluster.setReadHook { _, _ throws(EngineError) in throw EngineError(.unreachable, "the line is cut") }
        #expect(await scene.run("backup", "vm", "bad").status == .failed)
    }

    @Test("an interrupted backup ends with code 130, cleans up, and leaves no restore point")
    func interrupted() async throws {
        let scene = try HostScene()
        try scene.addMachine("web", text: "a")
        _ = await scene.run("repository", "init")
        let (reads, reading) = AsyncStream.makeStream(of: Void.self)
        scene.cluster.setReadHook { _, _ throws(EngineError) in
            reading.yield()
            while !Task.isCancelled { sched_yield() }
        }
        let run = Task { await scene.run("backup", "vm", "web") }
        for await _ in reads { break }
        run.cancel()
        let outcome = await run.value
        #expect(outcome.status == .interrupted)
        #expect(scene.cluster.traces == [])
        scene.cluster.setReadHook(nil)
        #expect(await scene.run("points", "list").output == "")
        #expect(await scene.run("backup", "vm", "web").status == .done)
    }

    @Test("settings that wait for a later version are mentioned, and kept with the restore point")
    func dormant() async throws {
        let scene = try HostScene(
            jobs: """
                  nightly:
                    source: lab
                    repository: main
                    vms: { names: ["*"] }
                    schedule: "daily 22:30"
                    keep: { last: 7 }
                """)
        try scene.addMachine("web", text: "a")
        _ = await scene.run("repository", "init")
        let outcome = await scene.run("backup", "run", "nightly")
        #expect(outcome.status == .done)
        #expect(
            outcome.errors.contains(
                "job nightly: this version keeps `schedule` with the restore points, but does not act on it"))
        let shown = await scene.run("points", "show", "latest", "--vm", "web", "--json")
        let job = try JSONValue(parsing: Array(shown.output.utf8))["manifest"]?["job"]
        #expect(job?["keep"]?["last"]?.string == "7")
        #expect(await scene.run("points", "show", "latest", "--vm", "web").output.contains("Job            nightly"))
    }

    @Test("what is missing is said: no repository, no such VM, no such job, no VM for a job")
    func missing() async throws {
        let scene = try HostScene(jobs: "  none: { source: lab, repository: main, vms: { names: [nothing] } }")
        try scene.addMachine("web", text: "a")
        let absent = await scene.run("backup", "vm", "web")
        #expect(absent.status == .failed)
        #expect(absent.errors.contains("ahvault: repository main › "))
        _ = await scene.run("repository", "init")
        let again = await scene.run("repository", "init")
        #expect(again.status == .failed)
        #expect(again.errors.contains("there is a repository already"))
        #expect(await scene.run("backup", "vm", "db").errors.contains("there is no VM `db`"))
        let job = await scene.run("backup", "run", "weekly")
        #expect(job.status == .wrongUsage)
        #expect(job.errors.contains("no job `weekly`; configured: none"))
        #expect(await scene.run("backup", "run", "none").errors.contains("job none chooses none of the 1 VMs"))
    }
}
