import Foundation
import Testing

/// Copies between two repositories by the real program.
@Suite("Copies")
struct CopyTests {
    /// How many times a copy is killed; `AHVAULT_KILLS` says otherwise.
    private static let kills = ProcessInfo.processInfo.environment["AHVAULT_KILLS"].flatMap(Int.init) ?? 12

    /// Two VMs of one disk each, and two repositories, of which the second is encrypted.
    private struct Scene {
        let place: Workplace
        let disks: [ImageDisk]
        let proxy: Proxy

        init(_ name: String, bytes: Int = 6 << 20) async throws {
            place = try Workplace(name)
            disks = [
                try ImageDisk(place.file("web.raw"), size: 64 << 20),
                try ImageDisk(place.file("db.raw"), size: 24 << 20),
            ]
            try disks[0].writeRandom(1 << 20..<(1 << 20) + bytes, seed: 1)
            try disks[0].writeText(40 << 20..<44 << 20, seed: 2)
            try disks[1].writeText(8 << 20..<12 << 20, seed: 3)
            try place.write(
                "ahvault.yaml",
                """
                sources:
                  images: { type: image-files, state: \(place.file("state")), restore: \(place.file("restored")),
                            machines: [{ name: web, disks: [{ path: \(disks[0].path) }] },
                                       { name: db, disks: [{ path: \(disks[1].path) }] }] }
                repositories:
                  main: { target: { type: local, path: \(place.file("main")) } }
                  offsite: { target: { type: local, path: \(place.file("offsite")) }, codec: { type: lz4 },
                             encryption: { passphrase: "env:PASSPHRASE" } }
                  plain: { target: { type: local, path: \(place.file("plain")) } }
                proxy: { name: end-to-end }
                cache: \(place.file("cache"))

                """)
            proxy = Proxy(configured: place, environment: ["PASSPHRASE": "five words are a passphrase"])
            for repository in ["main", "offsite", "plain"] {
                try await proxy.run("repository", "init", "--repository", repository)
            }
        }

        func backUp(_ vm: String, to repository: String = "main") async throws -> BackupRecord {
            try await proxy.run("backup", "vm", vm, "--repository", repository, "--json").lastLine()
        }

        func copy(from: String = "main", to: String, _ arguments: String..., expecting status: Int32 = 0) async throws
            -> CopyRecord
        {
            let finished = try await Program.ahvault.run(
                ["copy", "--from", from, "--to", to, "--json"] + arguments, in: place.path,
                environment: proxy.environment)
            try #require(finished.status == status, "\(finished)")
            return try finished.lastLine()
        }

        func points(_ repository: String) async throws -> [String] {
            let records: [PointRecord] = try await proxy.run(
                "points", "list", "--repository", repository, "--json"
            ).document()
            return records.map(\.id)
        }

        func expectSound(_ repository: String) async throws {
            let check: CheckRecord = try await proxy.run(
                "repository", "check", "--read-data", "--repository", repository, "--json"
            ).document()
            #expect(check.damages.isEmpty)
        }

        func expectRestored(
            _ disk: ImageDisk, _ point: String, from repository: String, as name: String
        ) async throws {
            try await proxy.run("restore", "vm", point, "--repository", repository, "--name", name)
            let restored = ImageDisk(existing: place.file("restored/\(name)/scsi.0.raw"))
            #expect(try disk.difference(to: restored) == nil, "\(name)")
        }
    }

    @Test("a copy costs what changed, restores byte for byte, and backups go on from it when the first is lost")
    func life() async throws {
        let scene = try await Scene("copies")
        let web = scene.disks[0]
        _ = try await scene.backUp("web")
        _ = try await scene.backUp("db")
        let before = try web.copy(to: scene.place.file("before.raw"))
        let first = try await scene.copy(to: "offsite", "--verify")
        #expect(first.points.count == 2 && first.verification?.damages.isEmpty == true)
        #expect(first.amount.moved == 0 && first.amount.encodedBytes > 6 << 20)
        try web.writeRandom(3 << 20..<(3 << 20) + 200_000, seed: 4)
        _ = try await scene.backUp("web")
        let expected = try await scene.copy(to: "offsite", "--dry-run")
        let second = try await scene.copy(to: "offsite", "--verify")
        #expect(second.present == 2 && second.points.count == 1 && second.amount.encodedBytes < 400_000)
        #expect(second.amount.encodedBytes <= expected.amount.encodedBytes * 5 / 4)
        #expect(try await scene.points("main") == scene.points("offsite"))
        try await scene.expectSound("offsite")

        let back = try await scene.copy(from: "offsite", to: "plain", "--vm", "web")
        #expect(back.points.count == 2 && back.amount.moved == 0)
        let third = try await scene.copy(from: "main", to: "plain")
        #expect(third.points.count == 1 && third.present == 2)
        try await scene.expectSound("plain")

        try scene.place.remove("main")
        let points = try await scene.points("offsite")
        try await scene.expectRestored(before, points[0], from: "offsite", as: "older")
        try await scene.expectRestored(web, points[2], from: "plain", as: "newer")
        try await scene.expectRestored(scene.disks[1], points[1], from: "plain", as: "db-back")
        try web.writeRandom(5 << 20..<(5 << 20) + 100_000, seed: 5)
        let next = try await scene.backUp("web", to: "offsite")
        // This source remembers checksums for each repository by itself, so it reads everything; little is stored.
        #expect(next.machines.first?.error == nil)
        #expect(next.written.dataBytes < 400_000)
        try await scene.expectSound("offsite")
    }

    @Test("killed at random moments, a copy leaves whole restore points or none, and goes on where it was")
    func kills() async throws {
        let scene = try await Scene("copy-kills", bytes: 30 << 20)
        let web = scene.disks[0]
        _ = try await scene.backUp("web")
        try web.writeRandom(10 << 20..<20 << 20, seed: 6)
        _ = try await scene.backUp("web")
        var generator = SeededGenerator(seed: 7)
        let started = ContinuousClock.now
        _ = try await scene.copy(to: "plain")
        let window = (ContinuousClock.now - started) / .seconds(1) * 1.5
        for kill in 0..<Self.kills {
            let running = try scene.proxy.start("copy", "--from", "main", "--to", "offsite")
            try await Task.sleep(for: .seconds(Double.random(in: 0...window, using: &generator)))
            running.killNow()
            _ = try await running.finished(within: .seconds(20))
            try await scene.expectSound("offsite")
            if try await scene.points("offsite").count == 2, kill < Self.kills - 1 {
                try scene.place.remove("offsite")
                try await scene.proxy.run("repository", "init", "--repository", "offsite")
            }
        }
        _ = try await scene.copy(to: "offsite")
        #expect(try await scene.points("offsite") == scene.points("main"))
        try await scene.expectRestored(web, try await scene.points("offsite")[1], from: "offsite", as: "after")
        try await scene.expectSound("offsite")
        #expect(scene.place.files(below: "offsite/sessions").isEmpty)
    }

    @Test("damage of the first repository is named by object, disk and bytes, and never copied")
    func damage() async throws {
        let scene = try await Scene("copy-damage")
        _ = try await scene.backUp("web")
        _ = try await scene.backUp("db")
        let pack = try #require(
            scene.place.files(below: "main/packs/d").map { ImageDisk(existing: scene.place.file($0)) }.max {
                let (a, b) = ((try? $0.size) ?? 0, (try? $1.size) ?? 0)
                return a < b
            })
        try pack.flipBit(at: 2 << 20)
        // Which blocks of the disk lie there depends on which of them were stored first, so a check is asked.
        let found: CheckRecord = try await scene.proxy.run(
            "repository", "check", "--repository", "main", "--read-data", "--json", expecting: 1
        ).document()
        let hits = found.damages.filter { pack.path.hasSuffix($0.object) }.flatMap(\.hits)
        for repository in ["offsite", "plain"] {
            let report = try await scene.copy(to: repository, expecting: 3)
            let failed = try #require(report.points.first { $0.error != nil })
            #expect(report.points.count == 2 && failed.vm?.name == "web" && failed.errorKind == "corrupt")
            let damage = try #require(failed.damages.first)
            #expect(pack.path.hasSuffix(damage.object ?? "-") && damage.disk == "scsi.0")
            #expect(damage.start != nil && hits.contains { $0.start == damage.start && $0.end == damage.end })
            #expect(try await scene.points(repository).count == 1)
            try await scene.expectSound(repository)
        }
    }
}

/// The report of `copy --json`.
private struct CopyRecord: Decodable, Sendable {
    struct Amount: Decodable, Sendable {
        let moved: Int
        let movedBytes: Int
        let encoded: Int
        let encodedBytes: Int
    }

    struct VM: Decodable, Sendable {
        let name: String
    }

    struct Damage: Decodable, Sendable {
        let object: String?
        let disk: String?
        let start: UInt64?
        let end: UInt64?
    }

    struct Point: Decodable, Sendable {
        let id: String
        let vm: VM?
        let error: String?
        let errorKind: String?
        let damages: [Damage]
    }

    let points: [Point]
    let present: Int
    let amount: Amount
    let verification: CheckRecord?
}
