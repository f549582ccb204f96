import Engine
import Foundation
import Testing

@testable import HostKit

@Suite("Key commands")
struct KeyCommandTests {
    /// A scene whose repository is encrypted; its passphrase is in the file `secret`.
    private func scene(initialized: Bool = true) async throws -> HostScene {
        let scene = try HostScene(repository: ", encryption: { passphrase: 'file:secret' }")
        try keep("correct horse", in: "secret", scene)
        try scene.addMachine("web", text: "content of the disk")
        if initialized {
            let made = await scene.run("repository", "init")
            #expect(made.status == .done, "\(made.errors)")
        }
        return scene
    }

    @discardableResult
    private func keep(_ passphrase: String, in name: String, _ scene: HostScene) throws -> String {
        let path = try scene.folder.write(passphrase + "\n", to: name)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return "file:" + path
    }

    private func keys(_ scene: HostScene) async throws -> [JSONValue] {
        try JSONValue(parsing: Array(await scene.run("repository", "key", "list", "--json").output.utf8)).array
    }

    @Test("an encrypted repository is made, backed up to, listed and restored from with its passphrase")
    func backup() async throws {
        let scene = try await scene(initialized: false)
        let made = await scene.run("repository", "init", "--json")
        #expect(try JSONValue(parsing: Array(made.output.utf8))["encryption"]?.string == "aes-256-gcm")
        #expect(await scene.run("backup", "vm", "web").status == .done)
        #expect(await scene.run("points", "list").output.contains("web"))
        #expect(await scene.run("restore", "vm", "latest", "--vm", "web", "--name", "again").status == .done)
        #expect(try scene.read(19, from: "again") == "content of the disk")
        #expect(await scene.run("repository", "check", "--read-data").status == .done)
    }

    @Test("wrong passphrase, none, an unreadable one and one too many are each their own error, and never shown")
    func errors() async throws {
        let scene = try await scene()
        try keep("wrong horse", in: "secret", scene)
        let wrong = await scene.run("points", "list")
        #expect(wrong.status == .failed && wrong.errors.contains("the passphrase is wrong"))
        #expect(!wrong.errors.contains("horse"))
        let listed = await scene.run("repository", "key", "list")
        #expect(listed.status == .done && listed.output.contains("first"))
        #expect(await scene.run("repository", "check", "--scrub").status == .done)
        try FileManager.default.removeItem(atPath: scene.folder.path + "/secret")
        let absent = await scene.run("points", "list")
        #expect(absent.status == .wrongUsage && absent.errors.contains("secret"))
        try scene.edit(", encryption: { passphrase: 'file:secret' }", to: "")
        let missing = await scene.run("points", "list")
        #expect(missing.status == .failed && missing.errors.contains("no passphrase is configured"))
        let plain = try HostScene()
        #expect(await plain.run("repository", "init").status == .done)
        try plain.edit("fsync: false }", to: "fsync: false }, encryption: { passphrase: hushhush }")
        let tooMany = await plain.run("points", "list")
        #expect(tooMany.status == .wrongUsage && tooMany.errors.contains("the repository is not encrypted"))
        #expect(tooMany.errors.contains("stands in the configuration in clear"))
        #expect(!tooMany.errors.contains("hushhush"))
        #expect(await plain.run("repository", "key", "list").status == .wrongUsage)
    }

    @Test("keys are added, listed and removed; one's own is not")
    func addAndRemove() async throws {
        let scene = try await scene()
        let second = try keep("second horse", in: "second", scene)
        let added = await scene.run(
            "repository", "key", "add", "--label", "safe", "--new-passphrase", second, "--json")
        let id = try #require(try JSONValue(parsing: Array(added.output.utf8))["id"]?.string)
        let listed = try await keys(scene)
        #expect(listed.map { $0["label"]?.string } == ["first", "safe"])
        #expect(listed.allSatisfy { $0["generation"]?.integer == 1 })
        let first = try #require(listed.first?["id"]?.string)
        try keep("second horse", in: "secret", scene)
        #expect(await scene.run("repository", "key", "remove", id).status == .wrongUsage)
        #expect(await scene.run("repository", "key", "remove", first).status == .done)
        #expect(await scene.run("points", "list").status == .done)
        #expect(await scene.run("repository", "key", "remove", first).status == .failed)
        try keep("correct horse", in: "secret", scene)
        #expect(await scene.run("points", "list").errors.contains("the passphrase is wrong"))
    }

    @Test("a passphrase is asked for twice when none is named, and never taken from the command line")
    func asking() async throws {
        let scene = try await scene()
        let literal = await scene.run("repository", "key", "add", "--new-passphrase", "hushhush")
        #expect(literal.status == .wrongUsage)
        #expect(literal.errors.contains("never stands on the command line") && !literal.errors.contains("hushhush"))
        #expect(await scene.run("repository", "key", "rotate", "--also", "hushhush").status == .wrongUsage)
        let nobody = await scene.run("repository", "key", "add")
        #expect(nobody.status == .wrongUsage && nobody.errors.contains("--new-passphrase"))
        #expect(await scene.run(answering: "third horse", "repository", "key", "add").status == .done)
        try keep("third horse", in: "secret", scene)
        #expect(await scene.run("points", "list").status == .done)
    }

    @Test("a rotation asks for all passphrases, keeps what is stored, and shuts others out when told")
    func rotation() async throws {
        let scene = try await scene()
        #expect(await scene.run("backup", "vm", "web").status == .done)
        let second = try keep("second horse", in: "second", scene)
        _ = await scene.run("repository", "key", "add", "--label", "safe", "--new-passphrase", second)
        let refused = await scene.run("repository", "key", "rotate")
        #expect(refused.status == .wrongUsage && refused.errors.contains("safe"))
        let rotated = await scene.run("repository", "key", "rotate", "--also", second)
        #expect(rotated.status == .done && rotated.output.contains("key generation 2"))
        #expect(try await keys(scene).map { $0["generation"]?.integer } == [2, 2])
        try scene.write("other words", to: "web")
        #expect(await scene.run("backup", "vm", "web").status == .done)
        #expect(await scene.run("repository", "key", "rotate", "--remove-other-keys").status == .done)
        #expect(try await keys(scene).map { $0["label"]?.string } == ["first"])
        #expect(await scene.run("repository", "check", "--read-data").status == .done)
        try keep("second horse", in: "secret", scene)
        #expect(await scene.run("points", "list").errors.contains("the passphrase is wrong"))
    }
}
