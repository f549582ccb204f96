import AzureSimulator
import Engine
import EngineContracts
import Synchronization
import Testing

@testable import Targets

@Suite("What the target azure-blob does when the service or the network fails", .timeLimit(.minutes(20)))
struct AzureFaultTests {
    private let bytes = SampleBytes.random(300_000, seed: 9)
    private let large = SampleBytes.random((2 << 20) + 77, seed: 10)

    private func read(_ target: AzureBlobTarget, _ key: String) async throws -> [UInt8] {
        try await target.get(ObjectKey(key), limit: 32 << 20).array
    }

    @Test("a storm of refusals passes, and Retry-After is obeyed")
    func storm() async throws {
        try await AzureServer.with { server in
            let pauses = Pauses()
            let target = try server.target(policy: .instant(pauses))
            try await target.open()
            server.simulator.faults.fail("PutBlob", next: 3, retryAfter: 9)
            server.simulator.faults.fail("GetBlob", next: 2, status: 500, code: "OperationTimedOut")
            server.simulator.faults.fail("ListBlobs", next: 2, status: 429, code: "TooManyRequests")
            try await target.put(ObjectKey("object"), Buffer(bytes))
            #expect(pauses.all.count == 3 && pauses.all.allSatisfy { $0 >= .seconds(9) })
            #expect(try await read(target, "object") == bytes)
            #expect(try await target.list(prefix: "").count == 1)
        }
    }

    @Test("connections that break in the middle of bodies are repeated", arguments: [1, 200_000])
    func cut(after count: Int) async throws {
        try await AzureServer.with { server in
            let target = try server.target(AzureServer.key.merging(["partSize": "1"]) { $1 })
            try await target.open()
            server.simulator.faults.cutRequest("PutBlob", after: count, next: 2)
            server.simulator.faults.cutRequest("PutBlock", after: count, next: 2)
            server.simulator.faults.cutAnswer("GetBlob", after: count, next: 2)
            try await target.put(ObjectKey("object"), Buffer(bytes))
            try await target.put(ObjectKey("large"), Buffer(large))
            #expect(try await read(target, "object") == bytes)
            #expect(try await read(target, "large") == large)
        }
    }

    @Test("a put that was cut for good leaves nothing that can be seen")
    func nothingHalf() async throws {
        try await AzureServer.with { server in
            let target = try server.target(AzureServer.key.merging(["partSize": "1"]) { $1 }, policy: .once)
            try await target.open()
            // The first cut meets a connection that was used before: the HTTP library then tries another by itself.
            server.simulator.faults.cutRequest("PutBlob", after: 1000, next: 2)
            server.simulator.faults.fail("PutBlockList", next: 1)
            for content in [bytes, large] {
                let error = await #expect(throws: EngineError.self) {
                    try await target.put(ObjectKey("object"), Buffer(content))
                }
                #expect(error?.isRetryable == true)
                #expect(try await target.list(prefix: "").isEmpty)
                #expect(try await target.size(of: ObjectKey("object")) == nil)
            }
        }
    }

    @Test("a put whose answer was lost finds its own blob, and is done; another's is told")
    func lostAnswer() async throws {
        try await AzureServer.with { server in
            let target = try server.target(AzureServer.key.merging(["partSize": "1"]) { $1 })
            try await target.open()
            server.simulator.faults.loseAnswer("PutBlob")
            server.simulator.faults.loseAnswer("PutBlockList")
            try await target.put(ObjectKey("object"), Buffer(bytes))
            try await target.put(ObjectKey("large"), Buffer(large))
            #expect(try await read(target, "object") == bytes)
            #expect(try await read(target, "large") == large)
            for (key, content) in [("object", bytes), ("large", large)] {
                let error = await #expect(throws: EngineError.self) {
                    try await target.put(ObjectKey(key), Buffer(content))
                }
                #expect(error?.kind == .alreadyExists)
            }
        }
    }

    @Test(
        "a put that was overtaken while it was repeated says so, and the other's blob stays", arguments: [false, true])
    func overtaken(isLarge: Bool) async throws {
        try await AzureServer.with { server in
            let direct = try server.target()
            try await direct.open()
            let policy = HTTPRetryPolicy.instant { _ in try? await direct.put(ObjectKey("object"), Buffer([1, 2, 3])) }
            let target = try server.target(AzureServer.key.merging(["partSize": "1"]) { $1 }, policy: policy)
            try await target.open()
            server.simulator.faults.cutRequest(isLarge ? "PutBlockList" : "PutBlob", after: 10, next: 2)
            let content = isLarge ? large : bytes
            let error = await #expect(throws: EngineError.self) {
                try await target.put(ObjectKey("object"), Buffer(content))
            }
            #expect(error?.kind == .alreadyExists)
            #expect(try await read(direct, "object") == [1, 2, 3])
        }
    }

    @Test("lists come in whatever pages the service likes, empty ones too", arguments: [0, 1, 7])
    func pages(_ most: Int) async throws {
        try await AzureServer.with { server in
            let target = try server.target()
            try await target.open()
            let keys = (0..<20).map { "many/\($0 % 3)/\($0)" }
            for key in keys { try await target.put(ObjectKey(key), Buffer([1])) }
            server.simulator.faults.limitLists(to: most, next: 4)
            #expect(try await target.list(prefix: "many/").map(\.key.text) == keys.sorted())
        }
    }

    @Test("no permission to delete is told as that")
    func delete() async throws {
        try await AzureServer.with { server in
            let target = try server.target()
            try await target.open()
            try await target.put(ObjectKey("data/x"), Buffer([1]))
            server.simulator.faults.denyDelete()
            let error = await #expect(throws: EngineError.self) { try await target.delete(ObjectKey("data/x")) }
            #expect(error?.kind == .denied && error?.isRetryable == false)
            #expect(error?.message.contains("delete data/x") == true)
            #expect(try await read(target, "data/x") == [1])
        }
    }

    @Test("tokens that end early are renewed in the middle of work")
    func tokens() async throws {
        try await AzureServer.with { server in
            let target = try server.target(server.application())
            try await target.open()
            try await target.put(ObjectKey("a"), Buffer(bytes))
            server.simulator.faults.expireTokens()
            try await target.put(ObjectKey("b"), Buffer(bytes))
            server.simulator.faults.expireTokens()
            #expect(try await read(target, "a") == bytes)
        }
    }

    @Test("wrong credentials are told for what they are, and never shown")
    func credentials() async throws {
        let server = try await AzureServer.shared.value
        let otherKey = "bm90LXRoZS1rZXktb2YtdGhpcy1hY2NvdW50LWF0LWFsbA=="
        let past = Timestamp.now().adding(seconds: -60)
        let cases: [(changes: [String: Setting], words: String, secret: String)] = [
            (["key": Setting(otherKey)], "key is not one of the account", otherKey),
            (AzureServer.signature(until: past), "ended at", "sig="),
            (AzureServer.signature(permissions: "r", until: Timestamp.now().adding(seconds: 600)), "racwdl", "sig="),
            (server.application("stranger"), "Storage Blob Data Contributor", AzureServer.secret),
            (server.application(secret: "not-it"), "AADSTS", "not-it"),
        ]
        for (changes, words, secret) in cases {
            let target = try server.target(changes)
            let error = await #expect(throws: EngineError.self) { try await target.open() }
            #expect(error?.kind == .denied, "\(words): \(error as Any)")
            #expect(error?.message.contains(words) == true, "\(error as Any)")
            #expect(error?.description.contains(secret) == false)
        }
    }

    @Test("a missing container is named")
    func container() async throws {
        let server = try await AzureServer.shared.value
        let target = try server.target(
            AzureServer.key.merging(["container": "not-there", "createContainer": "false"]) { $1 })
        let error = await #expect(throws: EngineError.self) { try await target.open() }
        #expect(error?.kind == .configuration && error?.message.contains("`not-there`") == true)
    }

    @Test("a clock that is wrong is told, with both times")
    func skew() async throws {
        let server = try await AzureServer.shared.value
        let target = try server.target(clock: { Timestamp.now().adding(seconds: -7200) })
        let error = await #expect(throws: EngineError.self) { try await target.open() }
        #expect(error?.message.contains("clocks differ") == true, "\(error as Any)")
    }
}
