import Engine
import EngineContracts
import Glibc
import Targets
import Testing

@Suite("Uploads over sftp connections that break", .enabled(if: SSHServer.isThere, "openssh-server is not installed"))
struct SFTPUploadTests {
    private let bytes = SampleBytes.random((9 << 20) + 77, seed: 13)

    /// Where to cut: in the handshake, in the middle of parts, and around the moment in which the object gets its name.
    private static let cuts =
        [1, 3000, 5000, 60_000, 4_000_000, 8_300_000, 8_400_000, 9_400_000]
        + stride(from: 9_470_000, through: 9_500_000, by: 1000)

    @Test(
        "an upload goes on after a cut anywhere, once and whole",
        arguments: ["internal-sftp", "internal-sftp -P hardlink"])
    func cuts(subsystem: String) async throws {
        let server = try await SSHServer(subsystem: subsystem)
        try server.writeKnownHosts("127.0.0.1", "host_ed25519")
        let relay = try SSHRelay(to: server.port, cuts: [])
        defer { relay.stop() }
        for cut in Self.cuts {
            relay.cutNext([cut, cut / 2])
            let target = try server.target(["port": String(relay.port), "sessions": "1"])
            try await onBlocking {
                try await target.open()
                let upload = try await target.begin(ObjectKey("data/\(cut)"))
                try await upload.append(bytes, by: 2 << 20)
                try await upload.finish()
                #expect(try await target.get(ObjectKey("data/\(cut)"), limit: 16 << 20).array == bytes)
                try await target.delete(ObjectKey("data/\(cut)"))
                await target.close()
            }
        }
        #expect(server.place.names(in: "repository/data").isEmpty)
    }

    @Test("nothing is ever seen of an upload whose connections break for good, and giving up does not wait for them")
    func nothingHalf() async throws {
        let server = try await SSHServer()
        try server.writeKnownHosts("127.0.0.1", "host_ed25519")
        let relay = try SSHRelay(to: server.port, cuts: [])
        let target = try server.target(["port": String(relay.port), "attempts": "2", "sessions": "2"])
        let key = try ObjectKey("data/never")
        try await onBlocking {
            try await target.open()
            let upload = try await target.begin(key)
            try await upload.append(Array(bytes.prefix(9 << 20)), by: 1 << 20)
            relay.stop()
            let error = await #expect(throws: EngineError.self) {
                try await upload.append(bytes, by: 1 << 20)
                try await upload.finish()
            }
            #expect(error?.kind == .unreachable && error?.isRetryable == true)
            await upload.abandon()
            let direct = try server.target()
            try server.writeKnownHosts("[127.0.0.1]:\(server.port)", "host_ed25519")
            try await direct.open()
            #expect(try await direct.list(prefix: "").isEmpty)
            #expect(try await direct.size(of: key) == nil)
            await direct.close()
            await target.close()
        }
    }

    @Test("an upload beyond the target's patience goes on where it was when it is tried again")
    func insisting() async throws {
        let server = try await SSHServer()
        try server.writeKnownHosts("127.0.0.1", "host_ed25519")
        let relay = try SSHRelay(to: server.port, cuts: [])
        defer { relay.stop() }
        let target = try server.target(["port": String(relay.port), "attempts": "1", "sessions": "1"])
        let key = try ObjectKey("data/insisted")
        try await onBlocking {
            try await target.open()
            relay.stopConnections()
            relay.cutNext([60_000, 5_000_000, 3000, 9_000_000])
            let upload = try await target.begin(key)
            try await upload.append(bytes + bytes, by: 1 << 20, failures: 20)
            relay.stopConnections()
            try await upload.finish(failures: 20)
            #expect(try await target.get(key, limit: 32 << 20).array == bytes + bytes)
            await target.close()
        }
        #expect(server.place.names(in: "repository/.tmp").count <= 2)
    }

    @Test("two uploads of one key whose connections break: exactly one succeeds", arguments: [false, true])
    func race(isLarge: Bool) async throws {
        let server = try await SSHServer()
        try server.writeKnownHosts("127.0.0.1", "host_ed25519")
        let relay = try SSHRelay(to: server.port, cuts: [])
        defer { relay.stop() }
        let count = isLarge ? (8 << 20) + 1 : 1000
        for round in 0..<12 {
            let winners = try await withThrowingTaskGroup(of: UInt8?.self) { group in
                for writer in 0..<2 as Range<UInt8> {
                    relay.cutNext([(isLarge ? 8_425_000 : 5000) + round * 700 + Int(writer) * 300])
                    let target = try server.target(["port": String(relay.port), "sessions": "1"])
                    group.addTask {
                        try await onBlocking {
                            try await target.open()
                            let upload = try await target.begin(ObjectKey("race/\(round)"))
                            try await upload.append([UInt8](repeating: writer, count: count), by: 4 << 20)
                            do {
                                try await upload.finish()
                                await target.close()
                                return writer
                            } catch let error as EngineError where error.kind == .alreadyExists {
                                await upload.abandon()
                                await target.close()
                                return nil
                            }
                        }
                    }
                }
                var winners: [UInt8] = []
                for try await winner in group { if let winner { winners.append(winner) } }
                return winners
            }
            #expect(winners.count == 1, "round \(round)")
        }
    }
}
