import Engine
import EngineContracts
import Glibc
import Targets
import Testing

@Suite("The local target")
struct LocalTargetTests {
    private let place: TemporaryPlace

    init() throws { place = try TemporaryPlace() }

    @Test("opening makes the folder, for its owner alone, when the parent exists")
    func makesFolder() async throws {
        let target = try place.target()
        try await target.open()
        var status = stat()
        #expect(stat(place.path + "/repository", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
        try await target.put(ObjectKey("data/ab/pack"), Buffer([1]))
        #expect(stat(place.path + "/repository/data/ab", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
        #expect(stat(place.path + "/repository/data/ab/pack", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test("opening below a folder that is missing is refused, naming both")
    func missingParent() async throws {
        let target = try place.target("not-mounted/repository")
        let error = await #expect(throws: EngineError.self) { try await target.open() }
        #expect(error?.kind == .notFound)
        #expect(error?.message.contains("not-mounted/repository") == true)
        #expect(place.names(in: "").isEmpty)
    }

    @Test("a file where the folder should be is refused")
    func fileInPlace() async throws {
        try place.write([1], to: "repository")
        let target = try place.target()
        let error = await #expect(throws: EngineError.self) { try await target.open() }
        #expect(error?.kind == .configuration)
    }

    @Test("an empty path is refused as configuration")
    func emptyPath() throws {
        let error = #expect(throws: EngineError.self) { _ = try place.target("") }
        #expect(error?.kind == .configuration)
    }

    @Test("strange names in the folder are passed over")
    func strangers() async throws {
        let target = try place.target()
        try await target.open()
        try await target.put(ObjectKey("data/real"), Buffer([1, 2]))
        try place.write([9], to: "repository/.hidden")
        try place.write([9], to: "repository/data/with space")
        mkdir(place.path + "/repository/lost+found", 0o700)
        symlink("/etc/passwd", place.path + "/repository/data/link")
        #expect(try await target.list(prefix: "").map(\.key.text) == ["data/real"])
        #expect(try await target.list(prefix: "data/").map(\.size) == [2])
    }

    @Test("a file that was cut is corrupt for a range it had")
    func truncated() async throws {
        let target = try place.target()
        try await target.open()
        let key = try ObjectKey("data/pack")
        try await target.put(key, Buffer([UInt8](repeating: 3, count: 5000)))
        try OpenFile(place.path + "/repository/data/pack", O_WRONLY).resize(to: 4000)
        let output = Buffer(capacity: 8192)
        let error = await #expect(throws: EngineError.self) { try await target.get(key, 0..<5000, into: output) }
        #expect(error?.kind == .corrupt)
        #expect(error?.message.contains("data/pack") == true)
        #expect(output.count == 0)
    }

    @Test("a folder in an object's place is an error with its path, not an object")
    func folderInPlace() async throws {
        let target = try place.target()
        try await target.open()
        mkdir(place.path + "/repository/key", 0o700)
        let key = try ObjectKey("key")
        #expect(try await target.size(of: key) == nil)
        let error = await #expect(throws: EngineError.self) { try await target.put(key, Buffer([1])) }
        #expect(error?.kind == .alreadyExists)
        #expect(place.names(in: "repository/.tmp").isEmpty)
    }

    @Test("a whole object is read into a buffer that fits it exactly")
    func exactRoom() async throws {
        let target = try place.target()
        try await target.open()
        let key = try ObjectKey("exact")
        let bytes = SampleBytes.random(12_345, seed: 3)
        try await target.put(key, Buffer(bytes))
        #expect(try await target.get(key, limit: 12_345).array == bytes)
        await #expect(throws: EngineError.self) { _ = try await target.get(key, limit: 12_344) }
    }
}
