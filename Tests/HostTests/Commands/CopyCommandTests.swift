import Engine
import Foundation
import Testing

@testable import HostKit

@Suite("Copies by command")
struct CopyCommandTests {
    /// A scene with two repositories, three restore points of `web` in `main`, one of them made by a job, and one of
    /// `db`.
    static func scene(offsite: String = "") async throws -> HostScene {
        let scene = try HostScene()
        try scene.edit(
            "repositories:\n",
            to: "repositories:\n  offsite: { target: { type: local, path: offsite, fsync: false }\(offsite) }\n")
        try scene.addMachine("web", text: "content of web")
        try scene.addMachine("db", text: "content of db")
        for repository in ["main", "offsite"] {
            #expect(await scene.run("repository", "init", "--repository", repository).status == .done)
        }
        for (vm, day) in [("web", 1), ("web", 2), ("db", 3)] {
            scene.clock.set("2026-11-0\(day)T22:30:00Z")
            try scene.write("day \(day) of \(vm)", to: vm)
            #expect(await scene.run("backup", "vm", vm, "--repository", "main").status == .done)
        }
        scene.clock.set("2026-11-04T22:30:00Z")
        try scene.edit("names: [\"*\"]", to: "names: [web]")
        #expect(await scene.run("backup", "run", "all").status == .done)
        return scene
    }

    static func days(_ scene: HostScene, in repository: String = "offsite") async throws -> [String] {
        let list = await scene.run("points", "list", "--repository", repository, "--json")
        return try JSONValue(parsing: Array(list.output.utf8)).array
            .compactMap { $0["id"]?.string.map { String($0.prefix(8).suffix(4)) } }
    }

    static func report(_ outcome: HostScene.Outcome) throws -> JSONValue {
        try #require(try BackupAndRestoreTests.events(outcome.output).last)
    }

    private func copy(_ scene: HostScene, _ arguments: String...) async -> HostScene.Outcome {
        await HostScene.run(
            ["--config", scene.configPath, "copy", "--from", "main", "--to", "offsite"] + arguments, clock: scene.clock)
    }

    @Test("everything is copied, checked, listed and restored; a second copy finds it there")
    func everything() async throws {
        let scene = try await Self.scene()
        let dry = await copy(scene, "--dry-run")
        #expect(dry.status == .done)
        #expect(dry.output.contains("4 restore points would be copied from main to offsite: about "))
        #expect(try await Self.days(scene).isEmpty)
        let done = await copy(scene, "--verify")
        #expect(done.status == .done, "\(done)")
        #expect(done.output.contains("4 restore points copied from main to offsite in "))
        #expect(done.output.contains("no damage: 4 restore points"))
        #expect(try await Self.days(scene) == ["1101", "1102", "1103", "1104"])
        let again = await copy(scene, "--json")
        #expect(try Self.report(again)["present"]?.integer == 4)
        #expect(try Self.report(again)["points"]?.array.isEmpty == true)
        #expect(
            await scene.run(
                "restore", "vm", "20261102", "--repository", "offsite", "--name", "back"
            ).status == .done)
        #expect(try scene.read(12, from: "back") == "day 2 of web")
    }

    @Test("restore points are chosen by id, by VM and by job, and what fits all counts")
    func choices() async throws {
        let scene = try await Self.scene()
        #expect(await copy(scene, "20261101").status == .done)
        #expect(try await Self.days(scene) == ["1101"])
        #expect(await copy(scene, "--job", "all", "--vm", "web").status == .done)
        #expect(try await Self.days(scene) == ["1101", "1104"])
        let older = await copy(scene, "--vm", "web", "--only-newer", "--json")
        #expect(try Self.report(older)["older"]?.integer == 1)
        #expect(await copy(scene, "latest", "--vm", "db").status == .done)
        #expect(try await Self.days(scene) == ["1101", "1103", "1104"])
        #expect(await copy(scene, "--vm", "web", "--vm", "db").status == .done)
        #expect(try await Self.days(scene).count == 4)
    }

    @Test("what is not there, and what cannot be meant, is said before anything is done")
    func mistakes() async throws {
        let scene = try await Self.scene()
        let cases: [([String], HostKit.ExitStatus, String)] = [
            (["--from", "main", "--to", "main"], .wrongUsage, "--from and --to are both `main`"),
            (["--from", "man", "--to", "offsite"], .wrongUsage, "--from: no repository `man`; configured: "),
            (["--from", "main", "--to", "of"], .wrongUsage, "--to: no repository `of`; configured: "),
            (["--from", "main", "--to", "offsite", "--vm", "no"], .failed, "there is no restore point of VM `no`"),
            (["--from", "main", "--to", "offsite", "--job", "no"], .failed, "no restore point made by job `no`"),
            (["--from", "main", "--to", "offsite", "2025"], .failed, "no restore point begins with `2025`"),
            (["--from", "main", "--to", "offsite", "2026"], .wrongUsage, "4 restore points begin with `2026`"),
            (["--from", "main", "--to", "offsite", "latest"], .wrongUsage, "`latest` needs one --vm"),
            (["--from", "main", "--to", "offsite", "--dry-run", "--verify"], .wrongUsage, "--verify checks what"),
            (["--from", "main"], .wrongUsage, "--to"),
        ]
        for (arguments, status, words) in cases {
            let outcome = await HostScene.run(["--config", scene.configPath, "copy"] + arguments)
            #expect(outcome.status == status, "\(arguments): \(outcome)")
            #expect(outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
        }
        #expect(try await Self.days(scene).isEmpty)
    }

    @Test("an error names the repository that it is about, once")
    func destinations() async throws {
        let scene = try await Self.scene(offsite: ", encryption: { passphrase: \"a horse of ours\" }")
        #expect(await copy(scene, "20261101").status == .done)
        try scene.edit("a horse of ours", to: "another horse")
        let wrong = await copy(scene)
        #expect(wrong.status == .failed)
        #expect(wrong.errors.contains("ahvault: repository offsite › "))
        #expect(wrong.errors.contains("passphrase is wrong") && !wrong.errors.contains("repository main"))
        try scene.edit("another horse", to: "a horse of ours")
        let place = "path: offsite, fsync: false }"
        try scene.edit(place, to: place + ", layers: [{ type: read-only }]")
        let readOnly = await copy(scene)
        #expect(readOnly.status == .failed)
        #expect(readOnly.errors.contains("ahvault: repository offsite › "), "\(readOnly.errors)")
        #expect(readOnly.errors.contains("lets nothing be changed"))
        #expect(try await Self.days(scene) == ["1101"])
    }

    @Test("a restore point that cannot be read is named, the others are copied: code 3")
    func damage() async throws {
        let scene = try await Self.scene()
        let first = try #require(
            scene.folder.files(below: "repository/manifests").first { $0.contains("20261101") })
        try scene.folder.replace(first, with: "nonsense")
        let outcome = await copy(scene)
        #expect(outcome.status == .incomplete)
        #expect(outcome.output.contains("an unknown VM: FAILED: "))
        #expect(outcome.output.contains("3 restore points copied from main to offsite, 1 failed in "))
        #expect(try await Self.days(scene) == ["1102", "1103", "1104"])
    }
}
