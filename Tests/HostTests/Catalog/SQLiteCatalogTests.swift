import Engine
import Foundation
import Synchronization
import Testing

@testable import HostKit

@Suite("The catalog's file")
struct SQLiteCatalogTests {
    /// A catalog in a folder of its own, and what it said.
    final class Scene: Sendable {
        let folder: ScratchFolder
        let said = Mutex<[String]>([])

        init() throws { folder = try ScratchFolder() }

        func open() throws -> SQLiteCatalog {
            try SQLiteCatalog(path: folder.path + "/catalog.sqlite") { text in self.said.withLock { $0.append(text) } }
        }

        /// Writes nonsense over the file, behind the catalog's back.
        func spoil() throws {
            let file = try FileHandle(forUpdating: URL(filePath: folder.path + "/catalog.sqlite"))
            let size = try file.seekToEnd()
            try file.seek(toOffset: 0)
            try file.write(contentsOf: Data(repeating: 0xA5, count: Int(size)))
            try file.close()
        }

        var warnings: [String] { said.withLock { $0 } }
    }

    static let first = "20261122-183045-aaaaaaaa"
    static let second = "20261123-183045-bbbbbbbb"

    @Test("what is kept is there for the next process, by repository and VM, oldest first")
    func keeps() async throws {
        let scene = try Scene()
        let catalog = try scene.open()
        try await catalog.keep(
            [.sample(Self.second, vm: "vm-2", name: "db"), .sample(Self.first)], repository: "r1")
        try await catalog.keep([.sample(Self.first, name: "other")], repository: "r2")
        let again = try scene.open()
        #expect(try await again.points(repository: "r1", vm: nil).map(\.id.text) == [Self.first, Self.second])
        #expect(try await again.points(repository: "r1", vm: "db").map(\.id.text) == [Self.second])
        #expect(try await again.points(repository: "r1", vm: "vm-1").map(\.id.text) == [Self.first])
        #expect(try await again.points(repository: "r2", vm: nil).map(\.vm.name) == ["other"])
        try await again.forget([RestorePointID(Self.first)], repository: "r1")
        #expect(try await again.knownPoints(repository: "r1").map(\.text) == [Self.second])
        #expect(try await again.knownPoints(repository: "r2").count == 1)
        #expect(scene.warnings == [])
    }

    @Test("only its owner can read it")
    func permissions() throws {
        let scene = try Scene()
        _ = try scene.open()
        #expect(try scene.folder.permissions(of: "catalog.sqlite") == 0o600)
    }

    @Test("a file that is no database is moved away and begun anew")
    func garbage() async throws {
        let scene = try Scene()
        try scene.folder.write(String(repeating: "garbage ", count: 1000), to: "catalog.sqlite")
        let catalog = try scene.open()
        #expect(try await catalog.knownPoints(repository: "r1") == [])
        #expect(scene.warnings.count == 1)
        #expect(scene.warnings[0].contains("it is rebuilt from the repositories"))
        #expect(scene.folder.names(in: "").count { $0.hasPrefix("catalog.sqlite.damaged-") } == 1)
    }

    @Test("a file that is damaged while it is used is begun anew, and counts up")
    func damaged() async throws {
        let scene = try Scene()
        let catalog = try scene.open()
        try await catalog.keep([.sample(Self.first)], repository: "r1")
        try scene.spoil()
        #expect(try await catalog.points(repository: "r1", vm: nil).isEmpty)
        #expect(catalog.generation == 1)
        #expect(scene.warnings.count == 1)
        try await catalog.keep([.sample(Self.first)], repository: "r1")
        #expect(try await catalog.points(repository: "r1", vm: nil).count == 1)
    }

    @Test("where no file can be, the catalog is kept in memory")
    func unwritable() async throws {
        let folder = try ScratchFolder()
        let said = Mutex<[String]>([])
        let catalog = try SQLiteCatalog(path: folder.path + "/absent/catalog.sqlite") { text in
            said.withLock { $0.append(text) }
        }
        try await catalog.keep([.sample(Self.first)], repository: "r1")
        #expect(try await catalog.knownPoints(repository: "r1").count == 1)
        #expect(said.withLock { $0 }.count == 1)
    }
}
