import AzureSimulator
import Crypto
import Foundation
import Testing

@Suite("Azure tokens")
struct AzureTokenTests {
    static var settings: AzureSettings {
        var settings = AzureSettings()
        settings.principals = [
            .init(clientID: "app", secret: "s3cret&+"), .init(clientID: "viewer", secret: "x", role: .reader),
            .init(clientID: "owner", secret: "x", role: .none), .init(clientID: "vm", secret: nil),
        ]
        return settings
    }

    static func form(_ client: String, _ secret: String, scope: String = "https://storage.azure.com/.default") -> String
    {
        "grant_type=client_credentials&client_id=\(client)&client_secret=\(TestSigner.escape(secret))"
            + "&scope=\(TestSigner.escape(scope))"
    }

    static func request(_ azure: TestAzure, _ form: String, tenant: String = TestAzure.tenant) async throws -> RawAnswer
    {
        let fields = ["content-type": "application/x-www-form-urlencoded", "content-length": "\(form.utf8.count)"]
        return try await azure.send("POST", "/\(tenant)/oauth2/v2.0/token", fields, Array(form.utf8))
    }

    static func token(_ answer: RawAnswer) throws -> String {
        let members = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        guard let token = members?["access_token"] as? String else { throw TestFailure(reason: answer.text) }
        return token
    }

    static func bearer(_ azure: TestAzure, _ client: String, _ secret: String) async throws -> [String: String] {
        ["authorization": "Bearer \(try token(try await request(azure, form(client, secret))))"]
    }

    @Test("a token for a client's secret opens what its role allows")
    func roles() async throws {
        try await TestAzure.run(Self.settings) { azure in
            let writer = try await Self.bearer(azure, "app", "s3cret&+")
            let create = ["x-ms-blob-type": "BlockBlob"]
            #expect(try await azure.bare("PUT", "cont/b", writer.merging(create) { $1 }, [1]).status == 201)
            let reader = try await Self.bearer(azure, "viewer", "x")
            #expect(try await azure.bare("GET", "cont/b", reader).status == 200)
            let denied = try await azure.bare("DELETE", "cont/b", reader)
            #expect(denied.status == 403 && denied.code == "AuthorizationPermissionMismatch")
            let owner = try await Self.bearer(azure, "owner", "x")
            #expect(try await azure.bare("GET", "cont/b", owner).code == "AuthorizationPermissionMismatch")
            #expect(azure.server.requests.last?.authorization == "none")
        }
    }

    @Test("a token that is wrong, expired or for something else is 401, and the answer says where tokens come from")
    func refused() async throws {
        try await TestAzure.run(Self.settings) { azure in
            let good = try await Self.bearer(azure, "app", "s3cret&+")
            let wrong = try await azure.bare("GET", "cont/b", ["authorization": "Bearer x.y.z"])
            #expect(wrong.status == 401 && wrong.code == "InvalidAuthenticationInfo")
            #expect(wrong["www-authenticate"]?.hasSuffix("resource_id=https://storage.azure.com") == true)
            #expect(try await azure.bare("GET", "cont/b", good, version: "2017-07-29").status == 401)
            let form = Self.form("app", "s3cret&+", scope: "https://management.azure.com/.default")
            let other = try Self.token(try await Self.request(azure, form))
            #expect(try await azure.bare("GET", "cont/b", ["authorization": "Bearer \(other)"]).status == 401)
            #expect(try await azure.bare("GET", "cont/b", good).status == 404)
            azure.server.faults.expireTokens()
            #expect(try await azure.bare("GET", "cont/b", good).status == 401)
            let fresh = try await Self.bearer(azure, "app", "s3cret&+")
            #expect(try await azure.bare("GET", "cont/b", fresh).status == 404)
        }
    }

    @Test("the directory says what is wrong with a request for a token")
    func directory() async throws {
        try await TestAzure.run(Self.settings) { azure in
            let cases = [
                (Self.form("app", "wrong"), 401, "invalid_client"),
                (Self.form("nobody", "x"), 400, "unauthorized_client"),
                (Self.form("vm", "x"), 400, "unauthorized_client"),
                (Self.form("viewer", "x", scope: "https://storage.azure.com"), 400, "invalid_scope"),
                ("grant_type=password&client_id=app", 400, "unsupported_grant_type"),
            ]
            for (form, status, error) in cases {
                let answer = try await Self.request(azure, form)
                #expect(answer.status == status && answer.text.contains("\"error\":\"\(error)\""), "\(error)")
                #expect(answer.text.contains("AADSTS"))
            }
            let form = Self.form("viewer", "x")
            #expect(try await Self.request(azure, form, tenant: "other").text.contains("AADSTS90002"))
        }
    }

    @Test("a managed identity gets its token from the metadata service, with the field it asks for")
    func managedIdentity() async throws {
        try await TestAzure.run(Self.settings) { azure in
            let path =
                "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F"
            let answer = try await azure.send("GET", path, ["metadata": "true"])
            #expect(answer.status == 200 && answer.text.contains("\"expires_in\":\"3599\""))
            let own = ["authorization": "Bearer \(try Self.token(answer))"]
            #expect(try await azure.bare("GET", "cont/b", own).status == 404)
            #expect(try await azure.send("GET", path, [:]).status == 400)
            #expect(try await azure.send("GET", path + "&client_id=other", ["metadata": "true"]).status == 400)
            #expect(try await azure.send("GET", path + "&client_id=vm", ["metadata": "true"]).status == 200)
        }
    }

    @Test("the directory can be disturbed too, and fails in its own form")
    func disturbed() async throws {
        try await TestAzure.run(Self.settings) { azure in
            azure.server.faults.fail("Token", status: 503, code: "temporarily_unavailable", retryAfter: 1)
            let answer = try await Self.request(azure, Self.form("viewer", "x"))
            #expect(answer.status == 503 && answer.text.contains("\"error\":\"temporarily_unavailable\""))
            #expect(answer["retry-after"] == "1")
            #expect(try await Self.request(azure, Self.form("viewer", "x")).status == 200)
        }
    }

    @Test("a user delegation key signs for its principal, within its time")
    func delegation() async throws {
        try await TestAzure.run(Self.settings) { azure in
            try await azure.put("b", [7])
            let writer = try await Self.bearer(azure, "app", "s3cret&+")
            let end = TestSigner.isoDate(Date().addingTimeInterval(3600))
            let info = Array("<KeyInfo><Start>2026-01-01T00:00:00Z</Start><Expiry>\(end)</Expiry></KeyInfo>".utf8)
            let target = "?restype=service&comp=userdelegationkey"
            let key = try await azure.bare("POST", target, writer, info)
            #expect(key.status == 200)
            #expect(try await azure.call("POST", target, [:], info).status == 403)
            func field(_ name: String) -> String { key.elements(name).first ?? "" }
            let head = ["r", "", end, "/blob/devstoreaccount1/cont/b", field("SignedOid"), field("SignedTid")]
            let times = [field("SignedStart"), field("SignedExpiry"), "b", field("SignedVersion")]
            let tail = ["", "", "", "", "", "2021-12-02", "b", "", "", "", "", "", "", ""]
            let signature = TestSigner.hmac((head + times + tail).joined(separator: "\n"), key: field("Value"))
            let pairs = [
                ("sp", "r"), ("se", end), ("skoid", field("SignedOid")), ("sktid", field("SignedTid")),
                ("skt", field("SignedStart")), ("ske", field("SignedExpiry")), ("sks", "b"),
                ("skv", field("SignedVersion")), ("sv", "2021-12-02"), ("sr", "b"), ("sig", signature),
            ]
            let query = pairs.map { "\($0.0)=\(TestSigner.escape($0.1))" }.joined(separator: "&")
            #expect(try await azure.bare("GET", "cont/b?\(query)").body == [7])
            #expect(try await azure.bare("GET", "cont/b?\(query.replacing("sks=b", with: "sks=q"))").status == 403)
            let viewer = try await Self.bearer(azure, "viewer", "x")
            #expect(try await azure.bare("POST", target, viewer, info).status == 200)
            let late = Array("<KeyInfo><Expiry>2099-01-01T00:00:00Z</Expiry></KeyInfo>".utf8)
            #expect(try await azure.bare("POST", target, writer, late).code == "InvalidXmlNodeValue")
        }
    }
}
