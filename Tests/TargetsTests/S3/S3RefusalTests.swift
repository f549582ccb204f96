import Engine
import EngineContracts
import Testing
import Wire

@testable import Targets

@Suite("What the target s3 says when it is refused", .timeLimit(.minutes(20)))
struct S3RefusalTests {
    private func refusal(_ target: S3Target) async -> EngineError? {
        await #expect(throws: EngineError.self) { try await target.open() }
    }

    @Test("wrong credentials are named, and no secret is", .enabled(if: S3Server.isWanted))
    func credentials() async throws {
        let server = try await S3Server.seaweed.value
        let wrong = await refusal(try server.target(["secretKey": "not-the-secret-at-all"]))
        #expect(wrong?.kind == .denied && wrong?.isRetryable == false)
        #expect(wrong?.message.contains("secret key") == true && wrong?.message.contains("tester") == true)
        #expect(wrong?.description.contains("not-the-secret-at-all") == false)
        let unknown = await refusal(try server.target(["accessKey": "nobody"]))
        #expect(unknown?.kind == .denied && unknown?.message.contains("nobody") == true)
        #expect(unknown?.description.contains(S3Server.secretKey) == false)
    }

    @Test("credentials may come from the environment", .enabled(if: S3Server.isWanted))
    func environment() async throws {
        let server = try await S3Server.seaweed.value
        let none: [String: Setting] = [
            "accessKey": Setting(.null, at: "test"), "secretKey": Setting(.null, at: "test"),
        ]
        let target = try server.target(
            none,
            environment: ["AWS_ACCESS_KEY_ID": S3Server.accessKey, "AWS_SECRET_ACCESS_KEY": S3Server.secretKey])
        try await target.open()
        await target.close()
        let missing = await refusal(try server.target(none))
        #expect(missing?.kind == .configuration && missing?.message.contains("AWS_ACCESS_KEY_ID") == true)
    }

    @Test("a clock that is wrong is told, with both times", .enabled(if: S3Server.isWanted))
    func skew() async throws {
        let server = try await S3Server.seaweed.value
        let error = await refusal(try server.target(clock: { Timestamp.now().adding(seconds: -7200) }))
        #expect(error?.kind == .denied)
        #expect(error?.message.contains("clock") == true)
        let ours = HTTPDate.text(Timestamp.now().adding(seconds: -7200)).prefix(19)
        let theirs = HTTPDate.text(.now()).prefix(19)
        #expect(error?.message.contains(ours) == true && error?.message.contains(theirs) == true, "\(error as Any)")
    }

    @Test("a missing bucket is named, or made when that is wished", .enabled(if: S3Server.isWanted))
    func bucket() async throws {
        let server = try await S3Server.seaweed.value
        let error = await refusal(try server.target(["bucket": "no-such-bucket"]))
        #expect(error?.kind == .configuration)
        #expect(error?.message.contains("no-such-bucket") == true && error?.message.contains("createBucket") == true)
        let made = try server.target(["bucket": "made-by-a-test", "createBucket": "true"])
        try await made.open()
        try await made.put(ObjectKey("a"), Buffer([1]))
        await made.close()
        try await server.target(["bucket": "made-by-a-test"]).open()
    }

    @Test(
        "an object under Object Lock can be put and read, and its version cannot be destroyed",
        .enabled(if: S3Server.isWanted))
    func objectLock() async throws {
        let server = try await S3Server.seaweed.value
        let target = try server.target([
            "bucket": "locked-by-a-test", "createBucket": "true", "partSize": "5",
            "objectLock": .block(["mode": "GOVERNANCE", "days": "2"]),
        ])
        try await target.open()
        for (name, count) in [("small", 1000), ("large", 6 << 20)] {
            try await target.put(ObjectKey(name), Buffer(SampleBytes.random(count, seed: 3)))
            let reply = try await target.lookAt(ObjectKey(name))
            #expect(reply.value(of: "x-amz-object-lock-mode") == "GOVERNANCE")
            let until = reply.value(of: "x-amz-object-lock-retain-until-date").flatMap { Timestamp($0) }
            let hours = try #require(until).milliseconds - Timestamp.now().milliseconds
            #expect(hours > 47 * 3_600_000 && hours <= 48 * 3_600_000)
            let version = try #require(reply.value(of: "x-amz-version-id"))
            let error = await #expect(throws: EngineError.self) {
                try await target.destroy(ObjectKey(name), version: version)
            }
            #expect(error?.kind == .denied && error?.message.contains("Object Lock") == true)
            try await target.delete(ObjectKey(name))
            #expect(try await target.size(of: ObjectKey(name)) == nil)
        }
    }

    /// Answers that no server at hand gives.
    @Test(
        "each refusal has its kind, and says what to do",
        arguments: [
            (
                400, "AuthorizationHeaderMalformed", "<Region>eu-west-9</Region>", EngineError.Kind.configuration,
                "region: eu-west-9"
            ),
            (301, "PermanentRedirect", "", .configuration, "region"),
            (403, "AccessDenied", "", .denied, "s3:ListBucket"),
            (403, "RequestTimeTooSkewed", "", .denied, "clock"),
            (400, "ExpiredToken", "", .denied, "sessionToken"),
            (403, "QuotaExceeded", "", .noSpace, "quota"),
            (507, "XMinioStorageFull", "", .noSpace, "space"),
            (501, "NotImplemented", "", .unsupported, "NotImplemented"),
            (503, "SlowDown", "", .rateLimited, "SlowDown"),
            (500, "InternalError", "", .failed, "InternalError"),
        ])
    func canned(status: Int, code: String, more: String, kind: EngineError.Kind, words: String) async throws {
        let body = "<Error><Code>\(code)</Code><Message>Sorry\nfor that</Message>\(more)</Error>"
        let relay = try HTTPRelay(
            to: nil,
            [
                .init("GET", "", .answer(status, headers: ["x-amz-request-id: R-17"], body: body), times: 99)
            ])
        let error = await refusal(try S3Server.target(endpoint: relay.endpoint, policy: .once))
        #expect(error?.kind == kind)
        #expect(error?.isRetryable == [500, 503].contains(status))
        let message = error?.message ?? ""
        #expect(message.contains(words) && message.contains("R-17") && message.contains(S3Server.bucket), "\(message)")
        #expect(!message.contains("\n"))
        #expect(!message.contains(S3Server.secretKey))
    }

    @Test("no permission to delete is told as that", .enabled(if: S3Server.isWanted))
    func delete() async throws {
        let server = try await S3Server.seaweed.value
        let denial = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        let relay = try HTTPRelay(to: server.port, [.init("DELETE", "", .answer(403, body: denial))])
        let target = try server.target(["prefix": "denied"], endpoint: relay.endpoint)
        try await target.open()
        let error = await #expect(throws: EngineError.self) { try await target.delete(ObjectKey("data/x")) }
        #expect(error?.kind == .denied && error?.isRetryable == false)
        #expect(error?.message.contains("s3:DeleteObject") == true && error?.message.contains("data/x") == true)
    }

    @Test(
        "settings that cannot work are refused before anything is tried",
        arguments: [
            (["endpoint": "play.example"], "endpoint"), (["endpoint": "https://user@host"], "endpoint"),
            (["bucket": "a/b"], "bucket"), (["parallelism": "0"], "parallelism"), (["partSize": "4"], "partSize"),
            (["style": "sideways"], "path, virtual"), (["conditionalWrites": "maybe"], "auto, yes, no"),
            (["prefix": "a/../b"], "prefix"), (["accessKey": Setting(.null, at: "test")], "accessKey"),
            (["objectLock": Setting.block(["mode": "SOFT", "days": "1"])], "GOVERNANCE"),
            (["tls": Setting.block(["fingerprint": "sha256:12"])], "fingerprint"),
        ] as [([String: Setting], String)])
    func settings(changes: [String: Setting], words: String) throws {
        let error = #expect(throws: EngineError.self) {
            try S3Server.target(changes, endpoint: "http://127.0.0.1:1")
        }
        #expect(error?.kind == .configuration && error?.message.contains(words) == true, "\(error as Any)")
    }
}
