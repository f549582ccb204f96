import AzureSimulator
import Crypto
import Engine
import EngineContracts
import FoundationEssentials
import Testing

@testable import Targets

@Suite("Uploads of the target azure-blob when the service or the network fails", .timeLimit(.minutes(20)))
struct AzureUploadTests {
    private let bytes = SampleBytes.random((6 << 20) + 77, seed: 12)
    private let key: ObjectKey

    init() throws { key = try ObjectKey("exports/disk") }

    private func with(
        policy: HTTPRetryPolicy = .instant(), _ body: (AzureServer, AzureBlobTarget) async throws -> Void
    ) async throws {
        try await AzureServer.with { server in
            let target = try server.target(AzureServer.key.merging(["partSize": "1"]) { $1 }, policy: policy)
            try await target.open()
            try await body(server, target)
        }
    }

    private func read(_ target: AzureBlobTarget) async throws -> [UInt8] {
        try await target.get(key, limit: 32 << 20).array
    }

    @Test("storms of refusals, connections cut in the middle of blocks, lost answers: the blob is there, once")
    func faults() async throws {
        try await with { server, target in
            server.simulator.faults.fail("PutBlock", next: 6)
            server.simulator.faults.cutRequest("PutBlock", after: 300_000, next: 3)
            server.simulator.faults.loseAnswer("PutBlock", next: 2)
            server.simulator.faults.fail("PutBlockList", next: 2)
            server.simulator.faults.loseAnswer("PutBlockList")
            let upload = try await target.begin(key)
            try await upload.append(bytes, by: 700_000)
            try await upload.finish()
            #expect(try await read(target) == bytes)
            let sum = Data(Insecure.MD5.hash(data: bytes)).base64EncodedString()
            #expect(try await target.head(key)?.md5 == sum)
        }
    }

    @Test("what is beyond the target's patience goes on where it was when it is tried again")
    func insisting() async throws {
        try await with(policy: .once) { server, target in
            server.simulator.faults.fail("PutBlock", next: 3)
            let upload = try await target.begin(key)
            try await upload.append(bytes, by: 700_000, failures: 20)
            server.simulator.faults.fail("PutBlockList", next: 1)
            server.simulator.faults.loseAnswer("PutBlockList")
            try await upload.finish(failures: 20)
            #expect(try await read(target) == bytes)
            #expect(try await target.head(key)?.md5 == Data(Insecure.MD5.hash(data: bytes)).base64EncodedString())
        }
    }

    @Test("a refusal in the middle ends the upload with its reason, and nothing is seen")
    func refused() async throws {
        try await with(policy: .once) { server, target in
            let upload = try await target.begin(key)
            server.simulator.faults.fail("PutBlock", next: 1000, status: 507, code: "InsufficientStorage")
            let error = await #expect(throws: EngineError.self) {
                try await upload.append(bytes, by: 1 << 20)
                try await upload.finish()
            }
            #expect(error?.kind == .noSpace)
            await upload.abandon()
            #expect(try await target.list(prefix: "").isEmpty)
            #expect(try await target.size(of: key) == nil)
        }
    }

    @Test("blocks that another's commit swept away are told, and the other's blob stays")
    func overtaken() async throws {
        try await with { server, target in
            let upload = try await target.begin(key)
            try await upload.append(bytes, by: 1 << 20)
            try await target.put(key, Buffer([1, 2, 3]))
            let error = await #expect(throws: EngineError.self) { try await upload.finish() }
            #expect(error?.kind == .alreadyExists)
            await upload.abandon()
            #expect(try await read(target) == [1, 2, 3])
            try await target.delete(key)
            let second = try await target.begin(key)
            try await second.append(bytes, by: 1 << 20)
            try await target.put(key, Buffer([1, 2, 3]))
            try await target.delete(key)
            let vanished = await #expect(throws: EngineError.self) { try await second.finish() }
            #expect(vanished?.kind == .failed && vanished?.isRetryable == false)
            #expect(try await target.size(of: key) == nil)
        }
    }
}
