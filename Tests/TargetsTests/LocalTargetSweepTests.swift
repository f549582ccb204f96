import Engine
import EngineContracts
import Glibc
import Targets
import Testing

@Suite("What interrupted puts leave in a folder")
struct LocalTargetSweepTests {
    private let place: TemporaryPlace
    private let target: LocalTarget

    init() async throws {
        place = try TemporaryPlace()
        target = try place.target()
        try await target.open()
        mkdir(place.path + "/repository/.tmp", 0o700)
    }

    /// This kernel's boot id as a temporary file's name carries it.
    private func bootID() throws -> String {
        let buffer = Buffer(capacity: 64)
        let file = try OpenFile("/proc/sys/kernel/random/boot_id", O_RDONLY)
        try buffer.append(upTo: 64) { space throws(EngineError) in try file.read(into: space, at: 0) }
        return String(decoding: buffer.array, as: UTF8.self).filter { $0.isHexDigit }
    }

    private func setAge(of name: String, hours: Int) {
        var times = [timespec(), timespec()]
        clock_gettime(CLOCK_REALTIME, &times[0])
        times[0].tv_sec -= hours * 3600
        times[1] = times[0]
        utimensat(AT_FDCWD, place.path + "/" + name, times, 0)
    }

    @Test("a dead writer's file of this machine is removed at once, and was never an object")
    func dead() async throws {
        let name = try bootID() + "-00000000deadbeef"
        try place.write([1, 2, 3], to: "repository/.tmp/" + name)
        #expect(try await target.list(prefix: "").isEmpty)
        #expect(try await target.sweep() == 1)
        #expect(place.names(in: "repository/.tmp").isEmpty)
        #expect(try await target.sweep() == 0)
    }

    @Test("a living writer's file stays, however old it is")
    func living() async throws {
        let name = "repository/.tmp/" + (try bootID()) + "-00000000cafecafe"
        try place.write([1], to: name)
        setAge(of: name, hours: 100)
        let writer = try OpenFile(place.path + "/" + name, O_RDWR)
        #expect(writer.lock(waits: false) == .held)
        #expect(try await target.sweep() == 0)
        #expect(place.names(in: "repository/.tmp").count == 1)
        _ = consume writer
        #expect(try await target.sweep() == 1)
    }

    @Test("another machine's file stays for a day, since its writer may live")
    func foreign() async throws {
        let name = "repository/.tmp/0123456789abcdef0123456789abcdef-00000000cafecafe"
        try place.write([1], to: name)
        setAge(of: name, hours: 23)
        #expect(try await target.sweep() == 0)
        setAge(of: name, hours: 25)
        #expect(try await target.sweep() == 1)
    }

    @Test("sweeps beside puts take nothing that is being written")
    func sweepsBesidePuts() async throws {
        let target = target
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask { try await target.put(ObjectKey("object/\(number)"), Buffer([UInt8(number)])) }
            }
            for _ in 0..<4 {
                group.addTask { for _ in 0..<100 { _ = try await target.sweep() } }
            }
            try await group.waitForAll()
        }
        #expect(try await target.list(prefix: "object/").count == 200)
        #expect(place.names(in: "repository/.tmp").isEmpty)
    }

    @Test("a writer killed in the middle leaves no object, and its file is swept")
    func killed() async throws {
        let name = place.path + "/repository/.tmp/" + (try bootID()) + "-0000000000000009"
        // Locks its file as our writers do, writes a part, and waits to be killed.
        let script = "exec 9>\"$0\"; flock 9; head -c 100000 /dev/zero >&9; echo written; exec sleep 600"
        let writer = try ChildProcess("/bin/sh", ["-c", script, name])
        #expect(try writer.firstLine() == "written")
        #expect(try await target.sweep() == 0)
        writer.kill()
        #expect(try await target.sweep() == 1)
        #expect(place.names(in: "repository/.tmp").isEmpty)
        #expect(try await target.list(prefix: "").isEmpty)
    }
}
