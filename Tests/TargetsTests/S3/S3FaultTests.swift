import Engine
import EngineContracts
import LoopbackPorts
import Synchronization
import Testing

@testable import Targets

@Suite(
    "What the target s3 does when the server or the network fails",
    .enabled(if: S3Server.isWanted, "the S3 servers are not installed"), .timeLimit(.minutes(20)))
struct S3FaultTests {
    private let bytes = SampleBytes.random(300_000, seed: 7)

    /// An open target behind a relay that misbehaves from now on, and one that sees the server as it is.
    private func scene(
        _ rules: [HTTPRelay.Rule], _ changes: [String: Setting] = [:], policy: HTTPRetryPolicy = .instant()
    ) async throws -> (relay: HTTPRelay, target: S3Target, direct: S3Target) {
        let server = try await S3Server.seaweed.value
        let relay = try HTTPRelay(to: server.port)
        var settings = changes
        settings["prefix"] = Setting("faults/\(RandomName.make())")
        // The target's clock keeps the relay.
        let target = try server.target(
            settings, endpoint: relay.endpoint, policy: policy, clock: { withExtendedLifetime(relay) { .now() } })
        let direct = try server.target(settings)
        try await target.open()
        try await direct.open()
        for rule in rules { relay.add(rule) }
        return (relay, target, direct)
    }

    private func read(_ target: S3Target, _ key: String) async throws -> [UInt8] {
        try await target.get(ObjectKey(key), limit: 32 << 20).array
    }

    @Test("a storm of refusals passes, and Retry-After is obeyed")
    func storm() async throws {
        let pauses = Pauses()
        let (relay, target, _) = try await scene(
            [
                .init("PUT", "object", .answer(503, headers: ["Retry-After: 9"]), times: 2),
                .init("PUT", "object", .answer(500), times: 2), .init("PUT", "object", .answer(429)),
                .init("PUT", "object", .answer(502)), .init("PUT", "object", .answer(504)),
                .init("GET", "object", .answer(503), times: 3), .init("HEAD", "object", .answer(503), times: 2),
            ], policy: .instant(pauses))
        try await target.put(ObjectKey("object"), Buffer(bytes))
        #expect(relay.count("PUT", "object") == 8)
        #expect(pauses.all.prefix(2).allSatisfy { $0 >= .seconds(9) })
        #expect(try await read(target, "object") == bytes)
    }

    @Test("connections that break in the middle of bodies are repeated", arguments: [1, 200_000])
    func cut(after count: Int) async throws {
        let (_, target, _) = try await scene([
            .init("PUT", "object", .cutRequest(after: count), times: 2),
            .init("GET", "object", .cutReply(after: count), times: 2),
        ])
        try await target.put(ObjectKey("object"), Buffer(bytes))
        #expect(try await read(target, "object") == bytes)
    }

    @Test("a put that was cut for good leaves nothing that can be seen")
    func nothingHalf() async throws {
        let (_, target, direct) = try await scene([.init("PUT", "object", .cutRequest(after: 200_000))], policy: .once)
        let error = await #expect(throws: EngineError.self) {
            try await target.put(ObjectKey("object"), Buffer(bytes))
        }
        #expect(error?.kind == .unreachable && error?.isRetryable == true)
        #expect(try await direct.list(prefix: "").isEmpty)
        #expect(try await direct.size(of: ObjectKey("object")) == nil)
    }

    @Test("a put whose answer was lost finds its own object, and is done")
    func lostAnswer() async throws {
        let (relay, target, direct) = try await scene([.init("PUT", "object", .loseReply)])
        try await target.put(ObjectKey("object"), Buffer(bytes))
        #expect(relay.count("PUT", "object") == 2)
        #expect(try await read(direct, "object") == bytes)
        let second = await #expect(throws: EngineError.self) {
            try await target.put(ObjectKey("object"), Buffer(bytes))
        }
        #expect(second?.kind == .alreadyExists)
    }

    @Test("a put that was overtaken while it was repeated says so, and the other's object stays")
    func overtaken() async throws {
        let other = Mutex<S3Target?>(nil)
        let policy = HTTPRetryPolicy.instant { _ in
            try await other.withLock { $0 }?.put(ObjectKey("object"), Buffer([1, 2, 3]))
        }
        let (_, target, direct) = try await scene(
            [.init("PUT", "object", .cutRequest(after: 1000))], policy: policy)
        other.withLock { $0 = direct }
        let error = await #expect(throws: EngineError.self) {
            try await target.put(ObjectKey("object"), Buffer(bytes))
        }
        #expect(error?.kind == .alreadyExists)
        #expect(try await read(direct, "object") == [1, 2, 3])
    }

    @Test("an answer that never comes ends the attempt, not the put")
    func hang() async throws {
        let (_, target, _) = try await scene(
            [.init("PUT", "object", .hang), .init("GET", "object", .hang)],
            policy: .instant(stall: .seconds(1)))
        try await target.put(ObjectKey("object"), Buffer(bytes))
        #expect(try await read(target, "object") == bytes)
    }

    @Test("a server that is gone and comes back after a minute is met again")
    func away() async throws {
        let server = try await S3Server.seaweed.value
        let port = try LoopbackPort.unused()
        let pauses = Pauses()
        let relay = Mutex<HTTPRelay?>(nil)
        let policy = HTTPRetryPolicy.instant(pauses) { _ in
            guard pauses.sum >= .seconds(60), relay.withLock({ $0 == nil }) else { return }
            let started = try HTTPRelay(to: server.port, port: port)
            relay.withLock { $0 = started }
        }
        let target = try server.target(
            ["prefix": Setting("away/\(RandomName.make())")], endpoint: "http://127.0.0.1:\(port)", policy: policy)
        try await target.open()
        try await target.put(ObjectKey("object"), Buffer(bytes))
        #expect(pauses.sum >= .seconds(60))
    }

    @Test("a server that stays away is given up after three minutes, by name")
    func gone() async throws {
        let pauses = Pauses()
        let target = try S3Server.target(
            endpoint: "http://127.0.0.1:\(try LoopbackPort.unused())", policy: .instant(pauses))
        let error = await #expect(throws: EngineError.self) { try await target.open() }
        #expect(error?.kind == .unreachable && error?.isRetryable == true)
        #expect(error?.message.contains("127.0.0.1") == true && error?.message.contains(S3Server.bucket) == true)
        #expect(pauses.sum >= .seconds(100) && pauses.sum <= .seconds(180))
    }

    @Test("a cancelled put does not wait for its next attempt")
    func cancelled() async throws {
        let policy = HTTPRetryPolicy.instant { _ in throw CancellationError() }
        let (_, target, _) = try await scene([.init("PUT", "object", .answer(503), times: 9)], policy: policy)
        let error = await #expect(throws: EngineError.self) { try await target.put(ObjectKey("object"), Buffer(bytes)) }
        #expect(error?.kind == .cancelled)
    }

    @Test("without conditional writes a put that lost the race to another says so")
    func raceWithoutConditions() async throws {
        let other = Mutex<S3Target?>(nil)
        let policy = HTTPRetryPolicy.instant { _ in
            let target = other.withLock { $0 }
            try await target?.delete(ObjectKey("object"))
            try await target?.put(ObjectKey("object"), Buffer([9]))
        }
        let (_, target, direct) = try await scene(
            [.init("PUT", "object", .loseReply), .init("PUT", "object", .answer(200))],
            ["conditionalWrites": "no"], policy: policy)
        other.withLock { $0 = direct }
        let error = await #expect(throws: EngineError.self) {
            try await target.put(ObjectKey("object"), Buffer(bytes))
        }
        #expect(error?.kind == .alreadyExists)
        #expect(try await read(direct, "object") == [9])
    }
}
