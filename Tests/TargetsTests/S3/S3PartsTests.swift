import Engine
import EngineContracts
import Testing
import Wire

@testable import Targets

@Suite(
    "Large objects of the target s3 go in parts",
    .enabled(if: S3Server.isWanted, "the S3 servers are not installed"), .timeLimit(.minutes(20)))
struct S3PartsTests {
    private let bytes = SampleBytes.random((11 << 20) + 77, seed: 8)

    private func scene(
        _ rules: [HTTPRelay.Rule], policy: HTTPRetryPolicy = .instant()
    ) async throws -> (relay: HTTPRelay, target: S3Target) {
        let server = try await S3Server.seaweed.value
        let relay = try HTTPRelay(to: server.port)
        let target = try server.target(
            ["prefix": Setting("parts/\(RandomName.make())"), "partSize": "5"], endpoint: relay.endpoint,
            policy: policy)
        try await target.open()
        for rule in rules { relay.add(rule) }
        return (relay, target)
    }

    @Test("parts that break, a completion that fails in a success, a lost answer: the object is there, once")
    func faults() async throws {
        let failure = "<?xml version=\"1.0\"?><Error><Code>InternalError</Code><Message>again</Message></Error>"
        let (relay, target) = try await scene([
            .init("POST", "uploads=", .answer(503)), .init("PUT", "partNumber=2", .cutRequest(after: 1 << 20)),
            .init("PUT", "partNumber=3", .answer(500)), .init("POST", "uploadId=", .answer(200, body: failure)),
            .init("POST", "uploadId=", .loseReply),
        ])
        try await target.put(ObjectKey("object"), Buffer(bytes))
        #expect(relay.count("PUT", "partNumber") == 4)
        #expect(try await target.get(ObjectKey("object"), limit: 16 << 20).array == bytes)
        let second = await #expect(throws: EngineError.self) {
            try await target.put(ObjectKey("object"), Buffer(bytes))
        }
        #expect(second?.kind == .alreadyExists)
    }

    @Test("a put that fails removes its parts, and nothing can be seen")
    func abort() async throws {
        let (relay, target) = try await scene([.init("PUT", "partNumber=3", .answer(403))])
        let error = await #expect(throws: EngineError.self) {
            try await target.put(ObjectKey("object"), Buffer(bytes))
        }
        #expect(error?.kind == .denied)
        #expect(relay.count("DELETE", "uploadId=") == 1)
        #expect(try await target.list(prefix: "").isEmpty)
        #expect(try await target.size(of: ObjectKey("object")) == nil)
    }

    @Test("an upload that the server forgot is begun anew")
    func forgotten() async throws {
        let unknown = "<Error><Code>NoSuchUpload</Code></Error>"
        let (relay, target) = try await scene([.init("POST", "uploadId=", .answer(404, body: unknown))])
        try await target.put(ObjectKey("object"), Buffer(bytes))
        #expect(relay.count("POST", "uploads=") == 2)
        #expect(try await target.get(ObjectKey("object"), limit: 16 << 20).array == bytes)
    }

    @Test("a sweep removes unfinished uploads that are older than any put, and no others")
    func sweep() async throws {
        let (relay, target) = try await scene([])
        let place = target.prefix.text
        func upload(_ key: String, _ id: String, _ time: Timestamp) -> String {
            "<Upload><Key>\(key)</Key><UploadId>\(id)</UploadId><Initiated>\(time)</Initiated></Upload>"
        }
        let now = Timestamp.now()
        let page =
            "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>"
            + upload(place + "data/old", "stale", now.adding(seconds: -90_000))
            + upload(place + "data/new", "young", now.adding(seconds: -80_000))
            + upload("elsewhere/old", "strange", now.adding(seconds: -900_000)) + "</ListMultipartUploadsResult>"
        relay.add(.init("GET", "uploads=", .answer(200, body: page)))
        relay.add(.init("DELETE", "uploadId=stale", .answer(204)))
        #expect(try await target.sweep() == 1)
        #expect(relay.count("DELETE") == 1)
        #expect(try await target.sweep() == 0)
    }
}
