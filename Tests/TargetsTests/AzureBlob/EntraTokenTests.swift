import Engine
import Synchronization
import Testing
import Wire

@testable import Targets

@Suite("Tokens for Azure Blob", .timeLimit(.minutes(20)))
struct EntraTokenTests {
    private static let list = "<EnumerationResults><Blobs/><NextMarker/></EnumerationResults>"

    private func token(_ text: String, _ seconds: String = "3600") -> HTTPRelay.Fault {
        .answer(200, body: "{\"token_type\":\"Bearer\",\"expires_in\":\(seconds),\"access_token\":\"\(text)\"}")
    }

    private func application(_ relay: HTTPRelay) -> [String: Setting] {
        [
            "clientCredentials": .block([
                "tenant": "contoso.example", "clientId": "app-1", "secret": "correct&horse",
                "authority": Setting(relay.endpoint),
            ])
        ]
    }

    private func bearer(_ request: HTTPRelay.Request) -> String? {
        request.head.split(separator: "\r\n").first { $0.hasPrefix("Authorization: Bearer ") }
            .map { String($0.dropFirst(22)) }
    }

    @Test("one token serves until five minutes before it ends")
    func cache() async throws {
        let relay = try HTTPRelay(
            to: nil,
            [
                .init("POST", "/contoso.example/oauth2/v2.0/token", token("first")),
                .init("POST", "/oauth2/v2.0/token", token("second")),
                .init("GET", "comp=list", .answer(200, body: Self.list), times: 99),
            ])
        let passed = Mutex<Int64>(0)
        let target = try AzureBlobTarget.test(
            application(relay), endpoint: relay.endpoint,
            clock: { Timestamp.now().adding(seconds: passed.withLock { $0 }) })
        try await target.open()
        passed.withLock { $0 = 3200 }
        _ = try await target.list(prefix: "")
        #expect(relay.count("POST") == 1)
        passed.withLock { $0 = 3400 }
        _ = try await target.list(prefix: "")
        #expect(relay.requests.filter { $0.method == "GET" }.map(bearer) == ["first", "first", "second"])
        let form = relay.requests.first.map { String(decoding: $0.body, as: UTF8.self) } ?? ""
        #expect(form.contains("grant_type=client_credentials") && form.contains("client_secret=correct%26horse"))
        #expect(form.contains("scope=https%3A%2F%2Fstorage.azure.com%2F.default"))
    }

    @Test("a token that is refused is renewed once")
    func renewal() async throws {
        let relay = try HTTPRelay(
            to: nil,
            [
                .init("POST", "token", token("old")), .init("POST", "token", token("new")),
                .init("GET", "comp=list", .answer(401, headers: ["x-ms-error-code: InvalidAuthenticationInfo"])),
                .init("GET", "comp=list", .answer(200, body: Self.list)),
                .init("GET", "comp=list", .answer(401), times: 9), .init("POST", "token", token("other")),
            ])
        let target = try AzureBlobTarget.test(application(relay), endpoint: relay.endpoint)
        try await target.open()
        #expect(relay.requests.compactMap(bearer) == ["old", "new"])
        let error = await #expect(throws: EngineError.self) { _ = try await target.list(prefix: "") }
        #expect(error?.kind == .denied)
        #expect(relay.count("GET") == 4)
    }

    @Test("a machine's identity is asked with its header, and times in text are read")
    func identity() async throws {
        let relay = try HTTPRelay(
            to: nil,
            [
                .init("GET", "/metadata/identity", .answer(404), times: 2),
                .init("GET", "/metadata/identity", token("machine", "\"3599\"")),
                .init("GET", "comp=list", .answer(200, body: Self.list), times: 9),
            ])
        let target = try AzureBlobTarget.test(
            ["managedIdentity": .block(["endpoint": Setting(relay.endpoint), "clientId": "id-7"])],
            endpoint: relay.endpoint)
        try await target.open()
        let asked = try #require(relay.requests.first)
        #expect(asked.head.contains("Metadata: true"))
        #expect(asked.address.contains("resource=https%3A%2F%2Fstorage.azure.com&client_id=id-7"))
        #expect(relay.requests.last.map(bearer) == "machine")
    }

    @Test("a wrong secret is told in Entra's words, and not shown")
    func wrongSecret() async throws {
        let reply = "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret.\"}"
        let relay = try HTTPRelay(to: nil, [.init("POST", "token", .answer(401, body: reply), times: 9)])
        let target = try AzureBlobTarget.test(application(relay), endpoint: relay.endpoint)
        let error = await #expect(throws: EngineError.self) { try await target.open() }
        #expect(error?.kind == .denied && error?.message.contains("AADSTS7000215") == true)
        #expect(error?.message.contains("app-1") == true && error?.description.contains("horse") == false)
        #expect(relay.count("POST") == 1)
    }

    @Test("an identity without the role is told which one it needs")
    func role() async throws {
        let refusal = HTTPRelay.Fault.answer(403, headers: ["x-ms-error-code: AuthorizationPermissionMismatch"])
        let relay = try HTTPRelay(to: nil, [.init("POST", "token", token("t")), .init("GET", "comp=list", refusal)])
        let target = try AzureBlobTarget.test(application(relay), endpoint: relay.endpoint)
        let error = await #expect(throws: EngineError.self) { try await target.open() }
        #expect(error?.kind == .denied && error?.message.contains("Storage Blob Data Contributor") == true)
    }

    @Test("many callers at once fetch one token")
    func together() async throws {
        let relay = try HTTPRelay(
            to: nil,
            [
                .init("POST", "token", token("only"), times: 9),
                .init("GET", "comp=list", .answer(200, body: Self.list), times: 99),
            ])
        let target = try AzureBlobTarget.test(application(relay), endpoint: relay.endpoint)
        let tokens = EntraTokens(
            .application(try HTTPAddress(relay.endpoint, key: "authority"), "t", "c", "s"),
            .init(trust: .systemAuthorities, policy: .instant(), clock: { .now() }, logger: PluginContext.test().logger)
        )
        await withTaskGroup { group in
            for _ in 0..<20 { group.addTask { #expect((try? await tokens.token()) == "only") } }
        }
        #expect(relay.count("POST") == 1)
        await target.close()
    }
}
