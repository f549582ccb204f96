import Engine
import EngineContracts
import Glibc
import ImageFiles
import Testing

@Suite("Changes taken from a list")
struct ChangeListTests {
    private let folder: ImageFolder

    init() throws {
        folder = try ImageFolder()
        try folder.makeImage("disk.raw", size: 4 << 20)
    }

    private func scene() async throws -> ImageScene {
        try await ImageScene(
            folder, folder.source(disks: [["path": "disk.raw", "changes": "changes.txt"]], changes: "list"))
    }

    /// The regions that a list becomes after a first backup.
    private func regions(of list: String) async throws -> RegionMap {
        let scene = try await scene()
        let full = try await scene.backUp()
        try folder.write(Array(list.utf8), to: "changes.txt", at: 0)
        return try await scene.backUp(since: full.reference).map
    }

    @Test("regions are sorted, merged and widened to sectors; zeros give way to data")
    func merged() async throws {
        let map = try await regions(
            of: """
                # what the storage says
                8192 4096
                0 100
                12288\t4096   # next to the one above

                1048576 65536 zero
                1050000 10
                2097152 1000 zero
                0 0
                """)
        #expect(map.coverage == .changes)
        let wanted: [(UInt64, UInt64, Bool)] = [
            (0, 512, false), (8192, 16_384, false), (1_048_576, 1_049_600, true), (1_049_600, 1_050_112, false),
            (1_050_112, 1_114_112, true), (2_097_152, 2_098_176, false),
        ]
        #expect(map.regions == wanted.map { RegionMap.Region(ByteRange($0.0, $0.1), isZero: $0.2) })
    }

    @Test("an empty list means that nothing changed")
    func empty() async throws {
        let map = try await regions(of: "")
        #expect(map.coverage == .changes)
        #expect(map.regions.isEmpty)
    }

    @Test(
        "a line that is no region of the disk is an error with its number",
        arguments: ["x 1", "1", "0 1 one", "0 4194305", "4194305 0", "18446744073709551615 2", "-1 5", "1 2 zero 3"])
    func wrong(_ line: String) async throws {
        let error = await #expect(throws: EngineError.self) { _ = try await regions(of: "0 512\n\(line)\n") }
        #expect(error?.kind == .corrupt)
        #expect(error?.message.contains("changes.txt:2") == true)
    }

    @Test("a list that is missing, or older than the last backup, is a full map with a reason")
    func stale() async throws {
        let scene = try await scene()
        let full = try await scene.backUp()
        let missing = try await scene.backUp(since: full.reference)
        #expect(missing.map.fallback?.contains("is not there") == true)
        try folder.write(Array("0 512\n".utf8), to: "changes.txt", at: 0)
        var times = [timespec(tv_sec: 1_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
        utimensat(AT_FDCWD, folder.path + "/changes.txt", &times, 0)
        let old = try await scene.backUp(since: missing.reference)
        #expect(old.map.fallback?.contains("older than the last backup") == true)
    }
}
