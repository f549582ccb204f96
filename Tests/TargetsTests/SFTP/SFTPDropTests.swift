import Engine
import EngineContracts
import Glibc
import Targets
import Testing

@Suite("Connections of sftp that break", .enabled(if: SSHServer.isThere, "openssh-server is not installed"))
struct SFTPDropTests {
    private let server: SSHServer
    private let relay: SSHRelay

    init() async throws {
        server = try await SSHServer()
        relay = try SSHRelay(to: server.port, cuts: [])
        // The relay has a port of its own, so the key is known under the name without a port.
        try server.writeKnownHosts("127.0.0.1", "host_ed25519")
    }

    private func target(_ more: [String: String] = [:]) throws -> SFTPTarget {
        try server.target(["port": String(relay.port)].merging(more) { $1 })
    }

    /// Where to cut: in the handshake, the log-in, the first messages, the bytes, and behind the last of them.
    private static let cuts =
        [1, 500, 1500, 2500, 3000, 3400, 3800, 4200, 5000, 8000, 50_000, 300_000, 690_000]
        + stride(from: 700_000, through: 712_000, by: 400)

    @Test(
        "a put goes on after a cut anywhere, once and whole", arguments: ["internal-sftp", "internal-sftp -P hardlink"])
    func put(subsystem: String) async throws {
        let server = try await SSHServer(subsystem: subsystem)
        try server.writeKnownHosts("127.0.0.1", "host_ed25519")
        let relay = try SSHRelay(to: server.port, cuts: [])
        defer { relay.stop() }
        let bytes = SampleBytes.random(700_000, seed: 1)
        for cut in Self.cuts {
            relay.cutNext([Int.max])
            let target = try server.target(["port": String(relay.port), "sessions": "1"])
            try await onBlocking { () async throws in
                try await target.open()
                await target.close()
                relay.cutNext([cut, cut])
                // The next connection is a new one, which is cut.
                let again = try server.target(["port": String(relay.port), "sessions": "1"])
                try await again.open()
                try await again.put(ObjectKey("data/\(cut)"), Buffer(bytes))
                #expect(try await again.get(ObjectKey("data/\(cut)"), limit: 1 << 20).array == bytes)
                await again.close()
            }
            #expect(server.place.names(in: "repository/data").contains(String(cut)))
        }
        // A cut may leave a temporary file, which nobody lists and a sweep will find.
        let found = try await onBlocking { () async throws in
            let target = try server.target()
            try await target.open()
            return try await target.list(prefix: "")
        }
        #expect(found.map(\.key.text).sorted() == Set(Self.cuts).map { "data/\($0)" }.sorted())
        #expect(found.allSatisfy { $0.size == bytes.count })
    }

    @Test("nothing half-written is ever visible while connections break")
    func nothingHalf() async throws {
        let bytes = SampleBytes.random(400_000, seed: 2)
        let target = try target(["attempts": "1", "sessions": "1"])
        try await onBlocking { try await target.open() }
        await target.close()
        for cut in stride(from: 2000, to: 420_000, by: 17_000) {
            relay.cutNext([cut])
            let one = try self.target(["attempts": "1"])
            let isDone =
                (try? await onBlocking { () async throws -> Bool in
                    try await one.open()
                    try await one.put(ObjectKey("half/\(cut)"), Buffer(bytes))
                    return true
                }) == true
            await one.close()
            let whole = try server.target()
            let found = try await onBlocking { () async throws in
                try await whole.open()
                return try await whole.list(prefix: "half/\(cut)").filter { $0.key.text == "half/\(cut)" }
            }
            #expect(found.allSatisfy { $0.size == bytes.count })
            #expect(!isDone || found.count == 1)
            await whole.close()
        }
    }

    @Test("a get goes on where it was, and appends each byte once")
    func get() async throws {
        let bytes = SampleBytes.random(3_000_000, seed: 3)
        let plain = try server.target()
        try await onBlocking { () async throws in
            try await plain.open()
            try await plain.put(ObjectKey("data/large"), Buffer(bytes))
        }
        for cut in [100, 2000, 3000, 3500, 4000, 4500, 100_000, 1_000_000, 2_900_000, 3_003_000] {
            relay.cutNext([cut, cut])
            let target = try target(["sessions": "1"])
            let output = Buffer(capacity: 3_000_010)
            output.append(([1, 2, 3] as [UInt8]).span.bytes)
            try await onBlocking { () async throws in
                try await target.open()
                try await target.get(ObjectKey("data/large"), 10..<2_999_990, into: output)
                await target.close()
            }
            #expect(output.count == 3 + 2_999_980)
            #expect(output.array.prefix(3) == [1, 2, 3])
            #expect(output.array.dropFirst(3).elementsEqual(bytes[10..<2_999_990]), "cut after \(cut)")
        }
        await plain.close()
    }

    @Test("a get that brings more with each connection than it needs attempts for reads it all in the end")
    func getInParts() async throws {
        let bytes = SampleBytes.random(3_000_000, seed: 4)
        let target = try target(["sessions": "1", "attempts": "8"])
        try await onBlocking { () async throws in
            try await target.open()
            try await target.put(ObjectKey("data/large"), Buffer(bytes))
            await target.close()
            try await target.open()
        }
        relay.stopConnections()
        relay.cutNext([700_000, 700_000, 700_000, 700_000])
        try await onBlocking { () async throws in
            #expect(try await target.get(ObjectKey("data/large"), limit: 4 << 20).array == bytes)
            await target.close()
        }
    }

    @Test("a listing after cuts is whole, in order, and has nothing twice")
    func list() async throws {
        let plain = try server.target()
        let names = (0..<40).flatMap { folder in (0..<25).map { "packs/\(folder)/\($0)" } }.sorted()
        try await onBlocking { try await plain.open() }
        for name in names {
            let path = server.place.path + "/repository/" + name
            mkdir(server.place.path + "/repository/packs", 0o700)
            mkdir(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]), 0o700)
            try server.place.write([1], to: "repository/" + name)
        }
        for cut in stride(from: 2500, to: 160_000, by: 7000) {
            relay.cutNext([cut, cut])
            let target = try target(["sessions": "1"])
            let found = try await onBlocking { () async throws in
                try await target.open()
                defer { Task { await target.close() } }
                return try await target.list(prefix: "")
            }
            #expect(found.map(\.key.text) == names, "cut after \(cut)")
        }
        await plain.close()
    }

    @Test("a delete and a size go on after a cut")
    func small() async throws {
        let target = try target(["sessions": "1"])
        try await onBlocking { () async throws in
            try await target.open()
            try await target.put(ObjectKey("data/a"), Buffer([1, 2, 3]))
            relay.stopConnections()
            #expect(try await target.size(of: ObjectKey("data/a")) == 3)
            relay.stopConnections()
            try await target.delete(ObjectKey("data/a"))
            relay.stopConnections()
            #expect(try await target.size(of: ObjectKey("data/a")) == nil)
            #expect(try await target.sweep() == 0)
            await target.close()
        }
    }

    @Test("a connection that is always cut is an error in the end, worth another try later")
    func always() async throws {
        let target = try target(["sessions": "1", "attempts": "3"])
        try await onBlocking { try await target.open() }
        relay.stopConnections()
        let before = relay.connections
        relay.cutNext(Array(repeating: 100_000, count: 50))
        let error = await #expect(throws: EngineError.self) {
            try await onBlocking { () async throws in
                try await target.put(ObjectKey("data/never"), Buffer(SampleBytes.random(1 << 20, seed: 5)))
            }
        }
        #expect(error?.kind == .unreachable)
        #expect(error?.isRetryable == true)
        #expect(relay.connections - before <= 3)
        await target.close()
    }

    @Test("a server that stops and comes back is used again")
    func restart() async throws {
        let target = try server.target(["sessions": "2", "attempts": "8"])
        let bytes = SampleBytes.random(8 << 20, seed: 6)
        try await onBlocking { () async throws in
            try await target.open()
            try await target.put(ObjectKey("data/before"), Buffer(bytes))
        }
        server.stop()
        async let put: Void = onBlocking { try await target.put(ObjectKey("data/after"), Buffer(bytes)) }
        try await server.start()
        try await put
        try await onBlocking { () async throws in
            for name in ["before", "after"] {
                #expect(try await target.get(ObjectKey("data/" + name), limit: 16 << 20).array == bytes)
            }
            await target.close()
        }
    }

    @Test("two writers of one key through connections that break: exactly one succeeds")
    func twoWriters() async throws {
        for (round, cut) in stride(from: 3000, to: 120_000, by: 9000).enumerated() {
            let winners = try await withThrowingTaskGroup(of: UInt8?.self) { group in
                for writer in 0..<2 as Range<UInt8> {
                    relay.cutNext([cut + Int(writer) * 500])
                    let target = try self.target(["sessions": "1"])
                    group.addTask {
                        try await onBlocking { () async throws in
                            try await target.open()
                            defer { Task { await target.close() } }
                            do {
                                let bytes = [UInt8](repeating: writer, count: 100_000)
                                try await target.put(ObjectKey("race/\(round)"), Buffer(bytes))
                                return writer
                            } catch let error as EngineError where error.kind == .alreadyExists {
                                return nil
                            }
                        }
                    }
                }
                var winners: [UInt8] = []
                for try await winner in group { if let winner { winners.append(winner) } }
                return winners
            }
            #expect(winners.count == 1, "cut after \(cut)")
            let target = try server.target()
            try await onBlocking { () async throws in
                try await target.open()
                let found = try await target.get(ObjectKey("race/\(round)"), limit: 1 << 20).array
                #expect(found == [UInt8](repeating: winners.first ?? 9, count: 100_000))
                await target.close()
            }
        }
    }
}
