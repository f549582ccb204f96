import Engine
import EngineContracts
import Testing

@testable import Targets

@Suite(
    "Uploads of the target s3 when the server or the network fails",
    .enabled(if: S3Server.isWanted, "the S3 servers are not installed"), .timeLimit(.minutes(20)))
struct S3UploadTests {
    private let bytes = SampleBytes.random((17 << 20) + 77, seed: 11)
    private let key: ObjectKey

    init() throws { key = try ObjectKey("exports/disk") }

    private func scene(
        _ rules: [HTTPRelay.Rule], _ changes: [String: Setting] = [:], policy: HTTPRetryPolicy = .instant()
    ) async throws -> (relay: HTTPRelay, target: S3Target) {
        let server = try await S3Server.seaweed.value
        let relay = try HTTPRelay(to: server.port)
        var settings = changes
        settings["prefix"] = Setting("uploads/\(RandomName.make())")
        settings["partSize"] = "5"
        // The target's clock keeps the relay.
        let target = try server.target(
            settings, endpoint: relay.endpoint, policy: policy, clock: { withExtendedLifetime(relay) { .now() } })
        try await target.open()
        for rule in rules { relay.add(rule) }
        return (relay, target)
    }

    private func read(_ target: S3Target) async throws -> [UInt8] { try await target.get(key, limit: 32 << 20).array }

    @Test("storms of refusals, connections cut in the middle of parts, lost answers: the object is there, once")
    func faults() async throws {
        let failure = "<?xml version=\"1.0\"?><Error><Code>InternalError</Code><Message>again</Message></Error>"
        let (relay, target) = try await scene([
            .init("POST", "uploads=", .answer(503), times: 3), .init("PUT", "partNumber=1", .answer(503), times: 5),
            .init("PUT", "partNumber=2", .cutRequest(after: 1 << 20), times: 2),
            .init("PUT", "partNumber=3", .loseReply), .init("PUT", "partNumber=4", .answer(500), times: 3),
            .init("POST", "uploadId=", .answer(200, body: failure)), .init("POST", "uploadId=", .loseReply),
        ])
        let upload = try await target.begin(key)
        try await upload.append(bytes, by: 1 << 20)
        try await upload.finish()
        #expect(try await read(target) == bytes)
        #expect(relay.count("DELETE") == 0)
    }

    @Test(
        "what is beyond the target's patience goes on where it was when it is tried again", arguments: ["auto", "no"])
    func insisting(conditions: String) async throws {
        let (_, target) = try await scene(
            [
                .init("POST", "uploads=", .answer(503)), .init("PUT", "partNumber=1", .answer(503), times: 2),
                .init("PUT", "partNumber=3", .cutRequest(after: 100)), .init("POST", "uploadId=", .answer(503)),
                .init("POST", "uploadId=", .loseReply),
            ], ["conditionalWrites": Setting(conditions)], policy: .once)
        let upload = try await target.begin(key)
        try await upload.append(bytes, by: 3 << 20, failures: 20)
        try await upload.finish(failures: 20)
        #expect(try await read(target) == bytes)
        let second = try await target.begin(key)
        try await second.append([1, 2], by: 2)
        let error = await #expect(throws: EngineError.self) { try await second.finish() }
        #expect(error?.kind == .alreadyExists)
        #expect(try await read(target) == bytes)
    }

    @Test("several parts are in flight, no more than may be")
    func together() async throws {
        let (relay, target) = try await scene([.init("PUT", "partNumber=1", .answer(503))], ["parallelism": "2"])
        let upload = try await target.begin(key)
        try await upload.append(bytes, by: 1 << 20)
        try await upload.finish()
        #expect(relay.count("PUT", "partNumber=") == 5)
        #expect(try await read(target) == bytes)
    }

    @Test("a refusal in the middle ends the upload with its reason, and giving up removes the parts")
    func refused() async throws {
        for (status, kind) in [(403, EngineError.Kind.denied), (507, .noSpace)] {
            let (relay, target) = try await scene([.init("PUT", "partNumber=3", .answer(status), times: 30)])
            let upload = try await target.begin(key)
            let error = await #expect(throws: EngineError.self) {
                try await upload.append(bytes, by: 1 << 20)
                try await upload.finish()
            }
            #expect(error?.kind == kind && error?.isRetryable == false)
            await upload.abandon()
            #expect(relay.count("DELETE", "uploadId=") == 1)
            #expect(try await target.list(prefix: "").isEmpty)
        }
    }

    @Test("an upload that the server forgot is an error that says what to do, and is no object")
    func forgotten() async throws {
        let unknown = "<Error><Code>NoSuchUpload</Code></Error>"
        let (_, target) = try await scene([.init("POST", "uploadId=", .answer(404, body: unknown))])
        let upload = try await target.begin(key)
        try await upload.append(bytes, by: 8 << 20)
        let error = await #expect(throws: EngineError.self) { try await upload.finish() }
        #expect(error?.kind == .failed && error?.isRetryable == false)
        #expect(error?.message.contains("put it again") == true)
        await upload.abandon()
        #expect(try await target.size(of: key) == nil)
    }

    @Test("a cancelled upload ends as cancelled, and nothing is seen")
    func cancelled() async throws {
        let (_, target) = try await scene([.init("PUT", "partNumber=2", .hang)])
        let (key, bytes) = (key, bytes)
        let upload = try await target.begin(key)
        let work = Task {
            try await upload.append(bytes, by: 1 << 20)
            withUnsafeCurrentTask { $0?.cancel() }
            try await upload.finish()
        }
        let error = await #expect(throws: EngineError.self) { try await work.value }
        #expect(error?.kind == .cancelled)
        await upload.abandon()
        #expect(try await target.list(prefix: "").isEmpty)
    }

    @Test("a sweep leaves an upload that is days old as long as parts come")
    func longUpload() async throws {
        let (relay, target) = try await scene([])
        let now = Timestamp.now()
        func parts(_ hours: Int64...) -> String {
            "<ListPartsResult><IsTruncated>false</IsTruncated>"
                + hours.map { "<Part><LastModified>\(now.adding(seconds: -$0 * 3600))</LastModified></Part>" }.joined()
                + "</ListPartsResult>"
        }
        let page =
            "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>"
            + ["living", "dead", "untold"].map { id in
                "<Upload><Key>\(target.prefix.text)exports/\(id)</Key><UploadId>\(id)</UploadId>"
                    + "<Initiated>\(now.adding(seconds: -3 * 86_400))</Initiated></Upload>"
            }.joined() + "</ListMultipartUploadsResult>"
        relay.add(.init("GET", "uploads=", .answer(200, body: page)))
        relay.add(.init("GET", "uploadId=living", .answer(200, body: parts(70, 2))))
        relay.add(.init("GET", "uploadId=dead", .answer(200, body: parts(70, 25))))
        relay.add(.init("GET", "uploadId=untold", .answer(403)))
        relay.add(.init("DELETE", "uploadId=dead", .answer(204)))
        #expect(try await target.sweep() == 1)
        #expect(relay.count("DELETE") == 1)
    }
}
