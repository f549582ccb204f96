import Foundation
import Testing

/// Damage of a real repository: named exactly, repaired as far as possible, and healed by the next backup.
@Suite("Repair")
struct RepairTests {
    /// A VM of one disk of 24 MiB, twice backed up.
    private struct Scene {
        let place: Workplace
        let disk: ImageDisk
        let proxy: Proxy
        let points: [String]

        init(_ name: String, settings: String) async throws {
            place = try Workplace(name)
            disk = try ImageDisk(place.file("disk.raw"), size: 24 << 20)
            try disk.writeRandom(1 << 20..<7 << 20, seed: 1)
            try disk.writeText(8 << 20..<12 << 20, seed: 2)
            proxy = try Proxy(
                place,
                sources: """
                      images: { type: image-files, state: \(place.file("state")), restore: \(place.file("restored")),
                                machines: [{ name: vm, disks: [{ path: \(place.file("disk.raw")) }] }] }
                    """, repository: ", chunker: fixed" + settings)
            try await proxy.run("repository", "init")
            _ = try await proxy.backUp("vm")
            try disk.writeRandom(3 << 20..<3 << 20 + 65_536, seed: 3)
            _ = try await proxy.backUp("vm")
            points = try await proxy.points().map(\.id)
        }

        func objects(_ folder: String) -> [ImageDisk] {
            place.files(below: "repository/" + folder).map { ImageDisk(existing: place.file($0)) }
        }

        /// The data pack of the first backup.
        func largestPack() throws -> ImageDisk {
            try #require(
                objects("packs/d").max {
                    let (a, b) = ((try? $0.size) ?? 0, (try? $1.size) ?? 0)
                    return a < b
                })
        }

        /// Of several objects the one that was put first: here, by the first backup.
        func oldest(of objects: [ImageDisk]) throws -> ImageDisk? {
            try objects.map { object in
                let attributes = try FileManager.default.attributesOfItem(atPath: object.path)
                return (object, attributes[.modificationDate] as? Date ?? .distantFuture)
            }.min { $0.1 < $1.1 }?.0
        }

        func key(_ object: ImageDisk) -> String { String(object.path.dropFirst(place.file("repository/").count)) }

        func repair(_ arguments: String..., expecting status: Int32 = 0) async throws -> RepairRecord {
            let finished = try await Program.ahvault.run(
                ["repository", "repair", "--json"] + arguments, in: place.path, environment: proxy.environment)
            try #require(finished.status == status, "\(finished)")
            return try finished.document()
        }

        func expectRestored(_ name: String) async throws {
            try await proxy.run("restore", "vm", "latest", "--vm", "vm", "--name", name)
            let restored = ImageDisk(existing: place.file("restored/\(name)/scsi.0.raw"))
            #expect(try disk.difference(to: restored) == nil)
        }
    }

    @Test("damaged chunks are named with disk, bytes and restore points; repair and the next backup make all clean")
    func healing() async throws {
        let scene = try await Scene("repair", settings: "")
        let pack = try scene.largestPack()
        let key = scene.key(pack)
        try pack.flipBit(at: 2_000_000)
        let found = try await scene.proxy.check(expecting: 1)
        #expect(found.damages.map(\.object) == [key])
        let hits = found.damages.flatMap(\.hits)
        #expect(hits.map(\.point) == scene.points)
        let chunk = try #require(hits.first?.start)
        #expect(hits.allSatisfy { $0.disk == "scsi.0" && $0.start == chunk && $0.end == chunk + 65_536 })
        #expect((1 << 20..<7 << 20).contains(Int(chunk)) || (8 << 20..<12 << 20).contains(Int(chunk)))
        let scrub = try await scene.proxy.run("repository", "check", "--scrub", expecting: 1)
        #expect(scrub.output.contains(key))
        let refused = try await scene.proxy.run("restore", "vm", "latest", "--vm", "vm", expecting: 1)
        #expect(refused.errors.contains(key))

        let before = scene.place.files(below: "repository")
        #expect(try await scene.repair("--dry-run", expecting: 1).packs.map(\.lost) == [1])
        #expect(scene.place.files(below: "repository") == before)
        let repaired = try await scene.repair(expecting: 1)
        #expect(repaired.packs.map(\.lost) == [1])
        #expect(Set(repaired.remaining.flatMap(\.hits).map(\.point)) == Set(scene.points))
        #expect(Set(before).subtracting(scene.place.files(below: "repository")).isEmpty)

        let healed = try await scene.proxy.backUp("vm")
        let statistics = try #require(healed.machines.first?.disks.first)
        #expect(statistics.isIncremental)
        #expect(statistics.statistics.read == 65_536)
        #expect(try await scene.proxy.check().damages.isEmpty)
        #expect(try await scene.repair().remaining.isEmpty)
        try await scene.expectRestored("healed")
        try await scene.proxy.run("repository", "prune")
        #expect(!FileManager.default.fileExists(atPath: pack.path))
        #expect(try await scene.repair().marked == 0)
        #expect(scene.place.files(below: "repository/damage").isEmpty)
        #expect(try await scene.proxy.check().damages.isEmpty)
    }

    @Test("with parity damaged packs are repaired on read, and made whole by a repair: nothing is read from the source")
    func parity() async throws {
        let scene = try await Scene("parity", settings: ", parity: true")
        for (number, pack) in (scene.objects("packs/d") + scene.objects("packs/m")).enumerated() {
            try pack.writeZeros(0..<64)
            if number == 0 { try pack.flipBit(at: try pack.size - 1) }
        }
        let found = try await scene.proxy.check(expecting: 1)
        #expect(found.damages.count == 4 && found.damages.flatMap(\.hits).isEmpty, "\(found)")
        try await scene.expectRestored("on-read")
        let report = try await scene.repair()
        #expect(report.remaining.isEmpty)
        #expect(report.packs.map(\.lost).allSatisfy { $0 == 0 })
        #expect(try await scene.proxy.check().damages.isEmpty)
        for pack in report.packs { try scene.place.remove("repository/" + pack.object) }
        try await scene.expectRestored("repaired")
    }

    @Test("lost, cut, altered and emptied objects are each named; a full backup after a repair is clean")
    func severalWays() async throws {
        let scene = try await Scene("ways", settings: "")
        let lost = try #require(try scene.oldest(of: scene.objects("packs/m")))
        try FileManager.default.removeItem(atPath: lost.path)
        let cut = try scene.largestPack()
        try cut.cut(to: try cut.size / 2)
        let run = try #require(scene.objects("index").first)
        try run.cut(to: 0)
        let report = try await scene.proxy.check(expecting: 1)
        let named = Set(report.damages.map(\.object))
        #expect(named.isSuperset(of: [scene.key(cut), scene.key(run)]), "\(named)")
        #expect(Set(report.damages.flatMap(\.hits).map(\.point)) == Set(scene.points))
        _ = try await scene.repair(expecting: 1)
        let full = try await scene.proxy.backUp("vm", full: true)
        let point = try #require(full.machines.first?.restorePoint)
        let after = try await scene.proxy.run("repository", "check", "--read-data", "--json", expecting: 1)
        let record: CheckRecord = try after.document()
        #expect(!record.damages.flatMap(\.hits).map(\.point).contains(point))
        try await scene.expectRestored("again")
    }
}
