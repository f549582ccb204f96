import Engine
import Foundation
import Testing

@testable import HostKit

@Suite("Pinning and deleting restore points")
struct PointCommandTests {
    /// A scene with three restore points of `web` and one of `db`, and their ids, oldest first.
    static func scene() async throws -> (scene: HostScene, web: [String], db: String) {
        let scene = try HostScene()
        try scene.addMachine("web", text: "content of web")
        try scene.addMachine("db", text: "content of db")
        _ = await scene.run("repository", "init")
        for (vm, day) in [("web", 1), ("web", 2), ("db", 3), ("web", 4)] {
            scene.clock.set("2026-11-0\(day)T22:30:00Z")
            #expect(await scene.run("backup", "vm", vm).status == .done)
        }
        let points = try await points(scene)
        return (
            scene, points.filter { $0["vm"]?["name"]?.string == "web" }.compactMap { $0["id"]?.string },
            try #require(points.first { $0["vm"]?["name"]?.string == "db" }?["id"]?.string)
        )
    }

    static func points(_ scene: HostScene) async throws -> [JSONValue] {
        try JSONValue(parsing: Array(await scene.run("points", "list", "--json").output.utf8)).array
    }

    static func ids(_ scene: HostScene) async throws -> [String] {
        try await points(scene).compactMap { $0["id"]?.string }
    }

    @Test("restore points bear the time of the clock around the command")
    func clock() async throws {
        let (scene, web, _) = try await Self.scene()
        #expect(web.map { $0.prefix(15) } == ["20261101-223000", "20261102-223000", "20261104-223000"])
        #expect(await scene.run("points", "list").output.contains("2026-11-04 22:30"))
    }

    @Test("a pin is shown with its note, and goes when it is taken off")
    func pin() async throws {
        let (scene, web, _) = try await Self.scene()
        scene.clock.set("2026-11-05T10:00:00Z")
        let pinned = await scene.run("points", "pin", web[0], "--note", "before the upgrade")
        #expect(pinned.status == .done)
        #expect(pinned.output == "restore point \(web[0]) of web pinned\n")
        #expect(try await Self.points(scene).map { $0["isPinned"]?.bool } == [true, false, false, false])
        let shown = await scene.run("points", "show", web[0])
        #expect(shown.output.contains("Pinned         since 2026-11-05T10:00:00.000Z: before the upgrade\n"))
        let details = try JSONValue(parsing: Array(await scene.run("points", "show", web[0], "--json").output.utf8))
        #expect(details["pin"]?["note"]?.string == "before the upgrade")
        #expect(scene.folder.names(in: "repository/pins") == [web[0]])

        let again = await scene.run("points", "pin", web[0], "--note", "other")
        #expect(again.output.contains("was pinned already, and keeps its note"))
        #expect(
            await scene.run("points", "unpin", web[0]).output == "restore point \(web[0]) of web is pinned no longer\n")
        #expect(await scene.run("points", "unpin", web[0]).output == "restore point \(web[0]) of web was not pinned\n")
        #expect(!(await scene.run("points", "show", web[0]).output.contains("Pinned")))
        #expect(scene.folder.names(in: "repository/pins") == [])
    }

    @Test("a pin whose content is damaged pins all the same")
    func damagedPin() async throws {
        let (scene, web, _) = try await Self.scene()
        try scene.folder.makeFolder("repository/pins")
        try scene.folder.write("nonsense", to: "repository/pins/\(web[0])")
        let shown = await scene.run("points", "show", web[0])
        #expect(shown.status == .done)
        #expect(shown.output.contains("Pinned         yes; when and why cannot be read"))
        #expect(shown.errors.contains("the pin of restore point \(web[0])"))
        #expect(await scene.run("points", "delete", web[0], "--yes").errors.contains("is pinned; nothing was deleted"))
    }

    @Test("in an encrypted repository a note is nobody's business, and rules and prune work as in any other")
    func encrypted() async throws {
        let scene = try HostScene(
            jobs: "  nightly: { source: lab, repository: main, vms: { names: [web] }, keep: { last: 1 } }",
            repository: ", encryption: { passphrase: 'file:secret' }")
        try scene.folder.write("a passphrase of some length", to: "secret")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: scene.folder.path + "/secret")
        try scene.addMachine("web", text: "content of web")
        #expect(await scene.run("repository", "init").status == .done)
        #expect(await scene.run("backup", "run", "nightly").status == .done)
        #expect(await scene.run("points", "pin", "latest", "--vm", "web", "--note", "xyzzy-note").status == .done)
        for text in ["second", "third"] {
            try scene.write(text, to: "web")
            #expect(await scene.run("backup", "run", "nightly").status == .done)
        }
        let ids = try await Self.ids(scene)
        #expect(ids.count == 2)
        let pin = try Data(contentsOf: URL(filePath: scene.folder.path + "/repository/pins/" + ids[0]))
        #expect(String(decoding: pin, as: UTF8.self).contains("xyzzy-note") == false)
        #expect(await scene.run("points", "show", ids[0]).output.contains(": xyzzy-note\n"))
        let pruned = await scene.run("repository", "prune", "--waste", "0")
        #expect(pruned.status == .done)
        #expect(pruned.output.contains("0 restore points deleted, 2 stay"))
        #expect(await scene.run("repository", "check", "--read-data").status == .done)
        #expect(await scene.run("restore", "vm", ids[0], "--name", "old").status == .done)
        #expect(try scene.read(14, from: "old") == "content of web")
    }

    @Test("several are deleted at once; manifests and catalog lose them, and nothing else goes")
    func delete() async throws {
        let (scene, web, db) = try await Self.scene()
        let packs = scene.folder.files(below: "repository/packs")
        let dry = await scene.run("points", "delete", web[0], web[1], "--dry-run")
        #expect(dry.output == "would be deleted: \(web[0]) of web\nwould be deleted: \(web[1]) of web\n")
        #expect(try await Self.ids(scene).count == 4)
        let deleted = await scene.run("points", "delete", web[0], web[1], web[0], "--yes", "--json")
        #expect(deleted.status == .done)
        let report = try JSONValue(parsing: Array(deleted.output.utf8))
        #expect(report["deleted"]?.array.map { $0["id"]?.string } == [web[0], web[1]])
        #expect(report["isDryRun"]?.bool == false)
        #expect(try await Self.ids(scene) == [db, web[2]])
        #expect(scene.folder.files(below: "repository/packs") == packs)
        #expect(await scene.run("repository", "check", "--read-data").status == .done)
        #expect(await scene.run("restore", "vm", web[2], "--name", "back").status == .done)
        #expect(try scene.read(14, from: "back") == "content of web")
    }

    @Test("it asks whoever sits at the terminal, and needs --yes when nobody does")
    func confirmation() async throws {
        let (scene, web, _) = try await Self.scene()
        let alone = await scene.run("points", "delete", web[0])
        #expect(alone.status == .wrongUsage)
        #expect(alone.errors.contains("there is nobody to ask: give --yes"))
        let refused = await scene.run(answering: "n", "points", "delete", web[0])
        #expect(refused.status == .failed)
        #expect(refused.errors.contains("  \(web[0]) of web (main)\nDelete? [y/N]"))
        #expect(try await Self.ids(scene).count == 4)
        #expect(await scene.run(answering: "y", "points", "delete", web[0]).status == .done)
        #expect(try await Self.ids(scene).count == 3)
    }

    @Test("a pinned one is refused, and with it all that were named")
    func pinnedStays() async throws {
        let (scene, web, _) = try await Self.scene()
        _ = await scene.run("points", "pin", web[1])
        let refused = await scene.run("points", "delete", web[0], web[1], "--yes")
        #expect(refused.status == .wrongUsage)
        #expect(refused.errors.contains("restore point \(web[1]) of web is pinned; nothing was deleted."))
        #expect(try await Self.ids(scene).count == 4)
    }

    @Test("the last restore point of a VM needs --last-too")
    func lastOne() async throws {
        let (scene, web, db) = try await Self.scene()
        let refused = await scene.run("points", "delete", db, web[0], "--yes")
        #expect(refused.status == .wrongUsage)
        #expect(refused.errors.contains("nothing would be left of db; nothing was deleted."))
        #expect(try await Self.ids(scene).count == 4)
        #expect(await scene.run("points", "delete", db, "--yes", "--last-too").status == .done)
        #expect(try await Self.ids(scene) == web)
    }

    @Test("one whose manifest is damaged is named by its whole id, and by nothing less")
    func damagedManifest() async throws {
        let (scene, web, _) = try await Self.scene()
        let key = try #require(scene.folder.files(below: "repository/manifests").first { $0.hasSuffix(web[0]) })
        try scene.folder.replace(key, with: "nonsense")
        _ = await scene.run("repository", "rebuild-catalog")
        #expect(try await Self.ids(scene).count == 3)
        #expect(await scene.run("points", "delete", String(web[0].dropLast(1)), "--yes").status == .failed)
        let deleted = await scene.run("points", "delete", web[0], "--yes")
        #expect(deleted.status == .done)
        #expect(deleted.output == "deleted: \(web[0]) of an unknown VM\n")
        #expect(!scene.folder.files(below: "repository/manifests").contains(key))
    }

    @Test("what is not there, and what is not clear, deletes nothing")
    func unclear() async throws {
        let (scene, web, _) = try await Self.scene()
        #expect(await scene.run("points", "delete", web[0], "2019", "--yes").status == .failed)
        #expect(await scene.run("points", "delete", "202611", "--yes").status == .wrongUsage)
        #expect(await scene.run("points", "delete", "latest", "--yes").status == .wrongUsage)
        #expect(try await Self.ids(scene).count == 4)
        #expect(await scene.run("points", "delete", "latest", "--vm", "web", "--yes").status == .done)
        #expect(try await Self.points(scene).compactMap { $0["id"]?.string }.contains(web[2]) == false)
    }
}
