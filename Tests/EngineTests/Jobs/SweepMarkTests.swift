import Glibc
import Synchronization
import Testing

@testable import Engine

@Suite("Looking for what interrupted runs left on a source")
struct SweepMarkTests {
    private let source = GuestSource([GuestDisk(id: "d", address: DiskAddress(bus: "scsi", index: 0), size: 1 << 20)])
    private var sweeps: Int { source.state.withLock { $0.sweeps } }

    private func mark(_ test: TestRepository) throws -> String {
        let names = FolderNames.of(test.leases).filter { $0.hasSuffix(".swept") }
        return "\(test.leases)/\(try #require(names.first))"
    }

    @Test("is done once a day when nothing goes wrong")
    func daily() async throws {
        let test = try await TestRepository()
        for _ in 0..<3 { _ = try await test.manifest(source) }
        #expect(sweeps == 1)
        let yesterday = timespec(tv_sec: time(nil) - 86_401, tv_nsec: 0)
        #expect(utimensat(AT_FDCWD, try mark(test), [yesterday, yesterday], 0) == 0)
        for _ in 0..<2 { _ = try await test.manifest(source) }
        #expect(sweeps == 2)
    }

    @Test("is done again after a mark of the future")
    func future() async throws {
        let test = try await TestRepository()
        _ = try await test.manifest(source)
        let tomorrow = timespec(tv_sec: time(nil) + 86_400, tv_nsec: 0)
        #expect(utimensat(AT_FDCWD, try mark(test), [tomorrow, tomorrow], 0) == 0)
        _ = try await test.manifest(source)
        #expect(sweeps == 2)
    }

    @Test("is done again after a run that died, whoever finds it")
    func death() async throws {
        let test = try await TestRepository()
        let tag = try await test.repository().tag
        _ = try await test.manifest(source)
        for isFoundByAnother in [false, true] {
            let before = sweeps
            let name = "\(tag)-abcdef0123"
            let descriptor = open("\(test.leases)/\(name).run", O_CREAT | O_WRONLY, 0o600)
            close(descriptor)
            if isFoundByAnother { #expect(!RunLease.isRunning(name, in: test.leases)) }
            _ = try await test.manifest(source)
            #expect(sweeps == before + 1)
            _ = try await test.manifest(source)
            #expect(sweeps == before + 1)
        }
    }

    @Test("goes on while something is found, and after a backup that failed")
    func leftOver() async throws {
        let test = try await TestRepository()
        source.state.withLock { $0.leftOver = ["a thing"] }
        for _ in 0..<2 { _ = try await test.manifest(source) }
        #expect(sweeps == 2)
        source.state.withLock { $0.leftOver = [] }
        for _ in 0..<2 { _ = try await test.manifest(source) }
        #expect(sweeps == 3)
        source.state.withLock { $0.failsToFreeze = true }
        await #expect(throws: EngineError.self) { _ = try await test.manifest(source) }
        source.state.withLock { $0.failsToFreeze = false }
        _ = try await test.manifest(source)
        #expect(sweeps == 4)
    }

    @Test("is not done because a run of another repository died")
    func others() async throws {
        let test = try await TestRepository()
        _ = try await test.manifest(source)
        close(open("\(test.leases)/ffffffff-abcdef0123.run", O_CREAT | O_WRONLY, 0o600))
        _ = try await test.manifest(source)
        #expect(sweeps == 1)
    }
}
