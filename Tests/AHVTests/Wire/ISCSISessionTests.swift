import Glibc
import LoopbackPorts
import Testing
import Wire

@Suite("iSCSI sessions")
struct ISCSISessionTests {
    private static let mebibyte = 1 << 20

    private func endpoint(
        _ target: LoopbackTarget, name: String = LoopbackTarget.name, credentials: ISCSICredentials? = nil,
        command: Duration = .seconds(30)
    ) -> ISCSIEndpoint {
        ISCSIEndpoint(
            portal: ISCSIPortal(host: "127.0.0.1", port: target.port), target: name,
            initiator: "iqn.2026-01.test.wire:initiator", credentials: credentials,
            limits: ISCSITimeLimits(login: .seconds(10), command: command, logout: .seconds(2)))
    }

    private func expect(
        _ kind: WireError.Kind, _ work: () async throws -> Void, location: SourceLocation = #_sourceLocation
    ) async {
        do {
            try await work()
            Issue.record("it did not fail", sourceLocation: location)
        } catch {
            #expect((error as? WireError)?.kind == kind, "\(error)", sourceLocation: location)
        }
    }

    @Test("what is written and synchronized is in the file, and is read back")
    func roundTrip() async throws {
        let size = 3 * Self.mebibyte + 512 * 5
        let target = try LoopbackTarget(disks: [size])
        let session = try await ISCSISession.connect(to: endpoint(target))
        let luns = try await session.reportLUNs()
        #expect(luns.sorted() == [0, 1])
        #expect(try await !session.isDisk(lun: 0))
        #expect(try await session.isDisk(lun: 1))
        #expect(try await session.serial(ofLUN: 1) == "serial-0")
        let capacity = try await session.capacity(ofLUN: 1)
        #expect(capacity.byteCount == UInt64(size))
        #expect(capacity.blockSize == 512)

        let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
        for start in stride(from: 0, to: size, by: Self.mebibyte) {
            let piece = Array(content[start..<min(size, start + Self.mebibyte)])
            try await write(piece, session, lun: 1, at: UInt64(start / 512))
        }
        try await session.synchronizeCache(lun: 1)
        #expect(try bytes(of: target.file(0)) == content)
        let middle = try await read(session, lun: 1, at: 1000, count: 512 * 77)
        #expect(middle == Array(content[512_000..<512_000 + 512 * 77]))
        await session.close()
    }

    @Test("many reads are in flight at once on several units")
    func manyReads() async throws {
        let target = try LoopbackTarget(disks: [1 << 20, 1 << 20, 1 << 20])
        for disk in 0..<3 {
            try fill(target.file(disk), (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 >> 12 &+ disk &* 7) })
        }
        let session = try await ISCSISession.connect(to: endpoint(target))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for step in 0..<96 {
                group.addTask {
                    let (disk, place) = (step % 3, step / 3 * 32_768)
                    let found = try await read(session, lun: disk + 1, at: UInt64(place / 512), count: 32_768)
                    return found == (place..<place + 32_768).map { UInt8(truncatingIfNeeded: $0 >> 12 &+ disk &* 7) }
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
        await session.close()
    }

    @Test("targets are discovered by name")
    func discovery() async throws {
        let target = try LoopbackTarget(disks: [Self.mebibyte])
        let found = try await ISCSISession.discover(
            portal: ISCSIPortal(host: "127.0.0.1", port: target.port), initiator: "iqn.2026-01.test.wire:initiator")
        #expect(found == [LoopbackTarget.name])
    }

    @Test("the right secrets are let in, wrong ones are refused by name, and neither is ever printed")
    func authentication() async throws {
        let target = try LoopbackTarget(disks: [Self.mebibyte], secret: "initiatorsecret1", mutual: "targetsecret1234")
        let proof = ISCSICredentials.Proof(name: "user", secret: "initiatorsecret1")
        let whole = ISCSICredentials(initiator: proof, target: .init(name: "target", secret: "targetsecret1234"))
        for credentials in [ISCSICredentials(initiator: proof), whole] {
            let session = try await ISCSISession.connect(to: endpoint(target, credentials: credentials))
            #expect(try await session.capacity(ofLUN: 1).byteCount == UInt64(Self.mebibyte))
            await session.close()
        }
        let impostor = ISCSICredentials(initiator: proof, target: .init(name: "target", secret: "anothersecret123"))
        let wrong = ISCSICredentials(initiator: .init(name: "user", secret: "wrongwrongwrong1"))
        for credentials in [wrong, impostor] {
            await expect(.denied) { _ = try await ISCSISession.connect(to: endpoint(target, credentials: credentials)) }
            #expect(
                !"\(credentials) \(String(reflecting: credentials)) \(endpoint(target, credentials: credentials))"
                    .contains("secret1"))
        }
        await expect(.denied) { _ = try await ISCSISession.connect(to: endpoint(target)) }
    }

    @Test("a target that is not there is `notFound`")
    func unknownTarget() async throws {
        let target = try LoopbackTarget(disks: [Self.mebibyte])
        await expect(.notFound) {
            _ = try await ISCSISession.connect(to: endpoint(target, name: "iqn.2026-01.test.loopback:other"))
        }
    }

    @Test("nobody listening is `unreachable`, and one that never answers is `timedOut`")
    func nobody() async throws {
        let port = UInt16(try LoopbackPort.unused())
        let nobody = ISCSIPortal(host: "127.0.0.1", port: port)
        await expect(.unreachable) {
            _ = try await ISCSISession.discover(portal: nobody, initiator: "iqn.2026-01.test.wire:initiator")
        }
        let silent = try SilentServer()
        await expect(.timedOut) {
            _ = try await ISCSISession.discover(
                portal: ISCSIPortal(host: "127.0.0.1", port: silent.port), initiator: "iqn.2026-01.test.wire:initiator",
                limits: ISCSITimeLimits(login: .milliseconds(300)))
        }
    }

    @Test("a login that is cancelled ends at once")
    func cancelledLogin() async throws {
        let silent = try SilentServer()
        let login = Task {
            try await ISCSISession.discover(
                portal: ISCSIPortal(host: "127.0.0.1", port: silent.port), initiator: "iqn.2026-01.test.wire:initiator",
                limits: ISCSITimeLimits(login: .seconds(600)))
        }
        login.cancel()
        await expect(.cancelled) { _ = try await login.value }
    }

    @Test("when the target dies everything in flight fails as lost, and so does every later call")
    func deadTarget() async throws {
        let target = try LoopbackTarget(disks: [8 << 20])
        let session = try await ISCSISession.connect(to: endpoint(target))
        _ = try await session.capacity(ofLUN: 1)
        kill(target.process, SIGSTOP)
        let reads = (0..<32).map { step in
            Task { try await read(session, lun: 1, at: UInt64(step * 128), count: 65_536) }
        }
        let writing = Task { try await write([UInt8](repeating: 7, count: 1 << 20), session, lun: 1, at: 0) }
        kill(target.process, SIGKILL)
        for task in reads { await expect(.connectionLost) { _ = try await task.value } }
        await expect(.connectionLost) { try await writing.value }
        await expect(.connectionLost) { _ = try await session.capacity(ofLUN: 1) }
        await session.close()
    }

    @Test("a target that stops answering is given up when a command's time is over")
    func frozenTarget() async throws {
        let target = try LoopbackTarget(disks: [Self.mebibyte])
        let session = try await ISCSISession.connect(to: endpoint(target, command: .milliseconds(400)))
        _ = try await session.capacity(ofLUN: 1)
        kill(target.process, SIGSTOP)
        await expect(.timedOut) { _ = try await read(session, lun: 1, at: 0, count: 4096) }
        kill(target.process, SIGCONT)
        await session.close()
    }

    @Test("what is in flight when the session is closed fails as closed")
    func closing() async throws {
        let target = try LoopbackTarget(disks: [Self.mebibyte])
        let session = try await ISCSISession.connect(to: endpoint(target))
        await session.close()
        await session.close()
        await expect(.closed) { _ = try await read(session, lun: 1, at: 0, count: 512) }
    }

    @Test("a read behind the end is refused by the device, and the session goes on")
    func behindTheEnd() async throws {
        let target = try LoopbackTarget(disks: [Self.mebibyte])
        let session = try await ISCSISession.connect(to: endpoint(target))
        await expect(.refusedByDevice) { _ = try await read(session, lun: 1, at: 4096, count: 512) }
        #expect(try await read(session, lun: 1, at: 0, count: 512) == [UInt8](repeating: 0, count: 512))
        await expect(.configuration) { _ = try await read(session, lun: 1, at: 0, count: 100) }
        await session.close()
    }

    @Test("a write behind the end ends the session without a trap")
    func writeBehindTheEnd() async throws {
        let target = try LoopbackTarget(disks: [Self.mebibyte])
        let session = try await ISCSISession.connect(to: endpoint(target))
        let bytes = [UInt8](repeating: 9, count: 1 << 20)
        await expect(.refusedByDevice) { try await write(bytes, session, lun: 1, at: 2047) }
        await expect(.refusedByDevice) { _ = try await session.capacity(ofLUN: 1) }
        await session.close()
    }
}

/// Reads into memory that lives as long as the read.
private func read(_ session: ISCSISession, lun: Int, at block: UInt64, count: Int) async throws -> [UInt8] {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 512)
    defer { memory.deallocate() }
    try await session.read(lun: lun, at: block, blockSize: 512, into: memory)
    return Array(memory)
}

private func write(_ bytes: [UInt8], _ session: ISCSISession, lun: Int, at block: UInt64) async throws {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 512)
    defer { memory.deallocate() }
    memory.copyBytes(from: bytes)
    try await session.write(lun: lun, at: block, blockSize: 512, from: UnsafeRawBufferPointer(memory))
}

private func bytes(of path: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw LoopbackTarget.Failure(reason: path) }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    guard pread(file, &bytes, bytes.count, 0) == bytes.count else { throw LoopbackTarget.Failure(reason: path) }
    return bytes
}

private func fill(_ path: String, _ bytes: [UInt8]) throws {
    let file = open(path, O_WRONLY | O_CLOEXEC)
    defer { close(file) }
    guard pwrite(file, bytes, bytes.count, 0) == bytes.count else { throw LoopbackTarget.Failure(reason: path) }
}
