import Foundation
import Testing

/// An encrypted repository, as its administrator and as a stranger at the target see it.
@Suite("Encryption")
struct EncryptionTests {
    private static let passphrase = "a passphrase of five words"

    /// A proxy with an encrypted repository over one VM with one disk.
    private func proxy(_ place: Workplace, _ disk: ImageDisk) async throws -> Proxy {
        var proxy = try Proxy(
            place,
            sources: """
                  images: { type: image-files, state: \(place.file("state")), restore: \(place.file("restored")),
                            machines: [{ name: secretive-vm, disks: [{ path: \(disk.path) }] }] }
                """, codec: "{ type: none }", repository: ", encryption: { passphrase: \"env:PASSPHRASE\" }")
        proxy.environment["PASSPHRASE"] = Self.passphrase
        try await proxy.run("repository", "init")
        return proxy
    }

    private func with(_ passphrase: String?, _ proxy: Proxy) -> Proxy {
        var other = proxy
        other.environment["PASSPHRASE"] = passphrase
        return other
    }

    private func expectRestored(
        _ disk: ImageDisk, _ proxy: Proxy, _ point: String, as name: String
    ) async throws {
        try await proxy.run("restore", "vm", point, "--vm", "secretive-vm", "--name", name)
        let restored = ImageDisk(existing: proxy.place.file("restored/\(name)/scsi.0.raw"))
        #expect(try disk.difference(to: restored) == nil, "\(name)")
    }

    @Test("backups, increments and restores work; the target shows no name and no content; errors are told apart")
    func life() async throws {
        let place = try Workplace("encryption")
        let disk = try ImageDisk(place.file("disk.raw"), size: 24 << 20)
        try disk.writeText(0..<8 << 20, seed: 1)
        let proxy = try await proxy(place, disk)
        _ = try await proxy.backUp("secretive-vm")
        let before = try disk.copy(to: place.file("before.raw"))
        try disk.writeRandom(3 << 20..<4 << 20, seed: 2)
        let second = try await proxy.backUp("secretive-vm")
        #expect(second.machines.first?.disks.first?.isIncremental == true)
        #expect(second.written.dataBytes < 2 << 20)
        let points = try await proxy.points().map(\.id)
        try await expectRestored(before, proxy, points[0], as: "older")
        try await expectRestored(disk, proxy, points[1], as: "newer")
        #expect(try await proxy.check().damages.isEmpty)
        try expectNothingInClear(place, disk)

        let wrong = try await with("another passphrase", proxy).run("points", "list", expecting: 1)
        #expect(wrong.errors.contains("passphrase is wrong"))
        try await with(nil, proxy).run("points", "list", expecting: 2)
        try await with("another passphrase", proxy).run("repository", "check", "--scrub")
        #expect(!wrong.errors.contains("another passphrase"))
    }

    private func expectNothingInClear(_ place: Workplace, _ disk: ImageDisk) throws {
        let content = try Data(contentsOf: URL(filePath: disk.path))
        let words = [
            Data("secretive".utf8), Data("disk.raw".utf8), content[0..<24], content[(4 << 20)..<(4 << 20) + 24],
        ]
        let objects = place.files(below: "repository")
        #expect(objects.contains { $0.hasPrefix("repository/keys/") })
        for path in objects {
            let bytes = try Data(contentsOf: URL(filePath: place.file(path)))
            for word in words { #expect(bytes.range(of: word) == nil, "\(path) shows \(word)") }
            #expect(!path.contains("secretive"))
        }
    }

    @Test("keys are added, removed and rotated by the program, and a killed rotation locks nobody out")
    func keys() async throws {
        let place = try Workplace("keys")
        let disk = try ImageDisk(place.file("disk.raw"), size: 8 << 20)
        try disk.writeText(0..<4 << 20, seed: 1)
        let proxy = try await proxy(place, disk)
        _ = try await proxy.backUp("secretive-vm")
        let second = "file:" + (try place.write("second", "second passphrase\n"))
        try await proxy.run("repository", "key", "add", "--label", "safe", "--new-passphrase", second)
        let other = with("second passphrase", proxy)
        try await expectRestored(disk, other, "latest", as: "by-second")
        for delay in [40, 250, 500, 750, 1000] {
            let running = try proxy.start("repository", "key", "rotate", "--also", second)
            try await Task.sleep(for: .milliseconds(delay))
            running.killNow()
            _ = try await running.finished(within: .seconds(30))
            #expect(try await proxy.points().count == 1)
            #expect(try await other.points().count == 1)
        }
        try await proxy.run("repository", "key", "rotate", "--also", second)
        _ = try await proxy.backUp("secretive-vm", full: true)
        try await expectRestored(disk, other, "latest", as: "after-rotation")
        try await proxy.run("repository", "key", "rotate", "--remove-other-keys")
        #expect(try await other.run("points", "list", expecting: 1).errors.contains("passphrase is wrong"))
        #expect(try await proxy.check().damages.isEmpty)
    }

    @Test("one changed byte of a pack, a manifest or a key is named, whatever its checksum says")
    func tampering() async throws {
        let place = try Workplace("tampering")
        let disk = try ImageDisk(place.file("disk.raw"), size: 8 << 20)
        try disk.writeRandom(0..<4 << 20, seed: 1)
        let proxy = try await proxy(place, disk)
        _ = try await proxy.backUp("secretive-vm")
        for prefix in ["packs/d/", "packs/m/", "manifests/"] {
            let path = try #require(place.files(below: "repository").first { $0.hasPrefix("repository/\(prefix)") })
            let object = ImageDisk(existing: place.file(path))
            try object.flipBit(at: 300)
            let key = path.dropFirst("repository/".count)
            #expect(try await proxy.check(expecting: 1).damages.contains { $0.object == key }, "\(key)")
            try object.flipBit(at: 300)
        }
        let path = try #require(place.files(below: "repository/keys").first)
        try ImageDisk(existing: place.file(path)).flipBit(at: 200)
        let refused = try await proxy.run("points", "list", expecting: 1)
        #expect(refused.errors.contains("key slot") && refused.errors.contains("damaged"))
    }
}
