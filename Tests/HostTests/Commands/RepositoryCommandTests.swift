import Engine
import Foundation
import Testing

@testable import HostKit

@Suite("Repository commands")
struct RepositoryCommandTests {
    static func scene() async throws -> HostScene {
        let scene = try HostScene()
        try scene.addMachine("web", text: "content of the disk")
        _ = await scene.run("repository", "init")
        _ = await scene.run("backup", "vm", "web")
        return scene
    }

    @Test("a sound repository is reported so, and measured")
    func sound() async throws {
        let scene = try await Self.scene()
        let check = await scene.run("repository", "check", "--read-data")
        #expect(check.status == .done)
        #expect(check.output.contains("no damage: 1 restore point, "))
        let stats = try JSONValue(parsing: Array(await scene.run("repository", "stats", "--json").output.utf8))
        #expect(stats["restorePoints"]?.integer == 1)
        #expect(stats["vms"]?.integer == 1)
        #expect(stats["diskBytes"]?.integer == 1 << 20)
        #expect((stats["packs"]?["bytes"]?.integer ?? 0) > 0)
        #expect(await scene.run("repository", "stats").output.contains("Restore points  1 of 1 VM"))
    }

    @Test("damage is found by --read-data, and named with the restore point that it hits: code 1")
    func damage() async throws {
        let scene = try await Self.scene()
        let folder = scene.folder.path + "/repository"
        let pack = try #require(
            FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }
                .first { $0.hasPrefix("packs/d/") && $0.count > 20 })
        var bytes = try Data(contentsOf: URL(filePath: folder + "/" + pack))
        bytes[bytes.count / 2] ^= 1
        try FileManager.default.removeItem(atPath: folder + "/" + pack)
        try bytes.write(to: URL(filePath: folder + "/" + pack))
        let point = try #require(
            try JSONValue(parsing: Array(await scene.run("points", "list", "--json").output.utf8)).array.first)
        let check = await scene.run("repository", "check", "--read-data")
        #expect(check.status == .failed)
        #expect(check.output.contains("damaged: \(pack)"))
        #expect(check.output.contains(try #require(point["id"]?.string)))
    }

    @Test("a scrub names damage, a repair marks it, the next backup heals it, and a check says what was read")
    func repair() async throws {
        let scene = try await Self.scene()
        let folder = scene.folder.path + "/repository"
        let pack = try #require(
            FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }
                .first { $0.hasPrefix("packs/d/") && $0.count > 20 })
        let sound = await scene.run("repository", "check", "--read-data=100")
        #expect(sound.output.contains("100 % of the packs' bytes were decoded and found good within the last 30 days"))
        var bytes = try Data(contentsOf: URL(filePath: folder + "/" + pack))
        bytes[64 + 30] ^= 1
        try FileManager.default.removeItem(atPath: folder + "/" + pack)
        try bytes.write(to: URL(filePath: folder + "/" + pack))
        let scrub = await scene.run("repository", "check", "--scrub")
        #expect(scrub.status == .failed)
        #expect(scrub.output.contains("damaged: \(pack): the checksum at byte 64 does not fit"))
        let plan = await scene.run("repository", "repair", "--dry-run")
        #expect(plan.status == .failed)
        #expect(plan.output.contains("dry run, nothing was changed"))
        let repair = await scene.run("repository", "repair")
        #expect(repair.status == .failed)
        #expect(repair.output.contains("1 lost and marked for the next backup"))
        _ = await scene.run("backup", "vm", "web")
        let healed = await scene.run("repository", "check", "--read-data")
        #expect(healed.status == .done)
        #expect(healed.output.contains("1 damaged pack made good by a repair and later backups"))
        #expect(await scene.run("repository", "check", "--scrub", "--read-data").status == .wrongUsage)
    }

    @Test("the catalog is made anew when it is absent or damaged")
    func catalog() async throws {
        let scene = try await Self.scene()
        let before = await scene.run("points", "list").output
        #expect(before.contains("web"))
        let path = scene.folder.path + "/cache/catalog.sqlite"
        try FileManager.default.removeItem(atPath: path)
        let absent = await scene.run("points", "list")
        #expect(absent.output == before)
        #expect(absent.errors == "")
        try Data(repeating: 7, count: 8192).write(to: URL(filePath: path))
        let damaged = await scene.run("points", "list")
        #expect(damaged.output == before)
        #expect(damaged.errors.contains("it is rebuilt from the repositories"))
        #expect(damaged.status == .done)
        let rebuilt = await scene.run("repository", "rebuild-catalog")
        #expect(rebuilt.output == "the catalog knows 1 restore point of repository main\n")
        #expect(try scene.folder.permissions(of: "cache") == 0o700)
    }

    @Test("restore points that left the repository leave the catalog")
    func gone() async throws {
        let scene = try await Self.scene()
        _ = await scene.run("points", "list")
        try FileManager.default.removeItem(atPath: scene.folder.path + "/repository/manifests")
        let list = await scene.run("points", "list")
        #expect(list.output == "")
        #expect(list.errors == "no restore points\n")
    }
}
