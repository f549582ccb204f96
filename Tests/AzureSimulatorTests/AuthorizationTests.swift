import AzureSimulator
import Foundation
import Testing

@Suite("Azure authorization")
struct AzureAuthorizationTests {
    private static let key = TestAzure.account.keys[0]
    private static var hour: String { TestSigner.isoDate(Date().addingTimeInterval(3600)) }

    private static func query(_ pairs: [(String, String)]) -> String {
        pairs.map { "\($0.0)=\(TestSigner.escape($0.1))" }.joined(separator: "&")
    }

    /// An account SAS.
    private static func account(
        _ permissions: String, types: String = "sco", end: String? = nil, protocols: String = ""
    ) -> String {
        let end = end ?? hour
        let lines = ["devstoreaccount1", permissions, "b", types, "", end, "", protocols, "2021-12-02", ""]
        let pairs = [
            ("sv", "2021-12-02"), ("ss", "b"), ("srt", types), ("sp", permissions), ("se", end),
            ("sig", TestSigner.hmac(lines.joined(separator: "\n") + "\n", key: key)),
        ]
        return query(pairs + (protocols.isEmpty ? [] : [("spr", protocols)]))
    }

    /// A service SAS of a container or blob.
    private static func service(_ permissions: String, _ resource: String, kind: String, type: String = "") -> String {
        let end = hour
        let lines = [
            permissions, "", end, "/blob/devstoreaccount1/\(resource)", "", "", "", "2021-12-02", kind, "", "",
        ]
        let text = (lines + ["", "", "", "", type]).joined(separator: "\n")
        let pairs = [
            ("sv", "2021-12-02"), ("sr", kind), ("sp", permissions), ("se", end),
            ("sig", TestSigner.hmac(text, key: key)),
        ]
        return query(pairs + (type.isEmpty ? [] : [("rsct", type)]))
    }

    @Test("a signature over anything else than what was sent is refused, and the answer shows what was signed")
    func tampered() async throws {
        try await TestAzure.run { azure in
            let (path, fields) = azure.prepared(
                "PUT", "cont/b", ["x-ms-blob-type": "BlockBlob"], [1], Date(), "2021-12-02")
            let signature = TestSigner.sharedKey("PUT", path, fields, key: Self.key)
            let authorized = fields.merging(["authorization": "SharedKey devstoreaccount1:\(signature)"]) { $1 }
            for (name, value) in [("x-ms-meta-a", "1"), ("content-type", "text/plain"), ("if-match", "*")] {
                let answer = try await azure.send("PUT", path, authorized.merging([name: value]) { $1 }, [1])
                #expect(answer.status == 403 && answer.code == "AuthenticationFailed", "\(name)")
                #expect(answer.elements("AuthenticationErrorDetail")[0].contains("string to sign: 'PUT"))
            }
            #expect(try await azure.send("PUT", path + "?timeout=30", authorized, [1]).status == 403)
            #expect(try await azure.send("PUT", path, authorized, [1]).status == 201)
        }
    }

    @Test("the key must be one of the account's")
    func wrongKey() async throws {
        var settings = AzureSettings()
        settings.accounts[0].keys.append(Data("second".utf8).base64EncodedString())
        try await TestAzure.run(settings) { azure in
            for (key, status) in [("second", 404), ("third", 403)] {
                let (path, fields) = azure.prepared("GET", "cont/b", [:], [], Date(), "2021-12-02")
                let signature = TestSigner.sharedKey("GET", path, fields, key: Data(key.utf8).base64EncodedString())
                let own = fields.merging(["authorization": "SharedKey devstoreaccount1:\(signature)"]) { $1 }
                let answer = try await azure.send("GET", path, own)
                #expect(answer.status == status)
            }
        }
    }

    @Test("a date more than 15 minutes off is refused")
    func skew() async throws {
        try await TestAzure.run { azure in
            for (seconds, status) in [(-1000.0, 403), (1000, 403), (-800, 404), (800, 404)] {
                let answer = try await azure.call("GET", "cont/b", date: Date().addingTimeInterval(seconds))
                #expect(answer.status == status, "\(seconds)")
            }
        }
    }

    @Test("the version must be there and known, a body must have its length")
    func required() async throws {
        try await TestAzure.run { azure in
            #expect(try await azure.call("GET", "cont/b", version: nil).code == "MissingRequiredHeader")
            let unknown = try await azure.call("GET", "cont/b", version: "2031-01-01")
            #expect(unknown.status == 400 && unknown.code == "InvalidHeaderValue")
            let (path, fields) = azure.prepared("PUT", "cont/b", [:], [], Date(), "2021-12-02")
            var without = fields
            without["content-length"] = nil
            without["transfer-encoding"] = "chunked"
            let chunked = try await azure.send("PUT", path, without, Array("0\r\n\r\n".utf8))
            #expect(chunked.status == 411 && chunked.code == "MissingContentLengthHeader")
        }
    }

    @Test("who waits to be told to send a body is told")
    func expectation() async throws {
        try await TestAzure.run { azure in
            let answer = try await azure.call(
                "PUT", "cont/b", ["x-ms-blob-type": "BlockBlob", "expect": "100-continue"], [1])
            #expect(answer.status == 100 && answer.text.hasPrefix("HTTP/1.1 201 Created"))
        }
    }

    @Test("nothing is done without credentials")
    func anonymous() async throws {
        try await TestAzure.run { azure in
            let none = try await azure.bare("GET", "cont/b")
            #expect(none.status == 401 && none.code == "NoAuthenticationInformation")
            #expect(none["www-authenticate"]?.contains("/\(TestAzure.tenant)/oauth2/authorize") == true)
            let strange = try await azure.bare("GET", "cont/b", ["authorization": "Basic eA=="])
            #expect(strange.status == 400 && strange.code == "InvalidAuthenticationInfo")
        }
    }

    @Test("an account SAS allows what it names, until it ends")
    func accountSAS() async throws {
        try await TestAzure.run { azure in
            try await azure.put("b", [7])
            #expect(try await azure.bare("GET", "cont/b?\(Self.account("r"))").body == [7])
            let write = try await azure.bare("DELETE", "cont/b?\(Self.account("rwl"))")
            #expect(write.status == 403 && write.code == "AuthorizationPermissionMismatch")
            let kind = try await azure.bare("GET", "cont/b?\(Self.account("r", types: "sc"))")
            #expect(kind.code == "AuthorizationResourceTypeMismatch")
            let old = TestSigner.isoDate(Date().addingTimeInterval(-5))
            #expect(try await azure.bare("GET", "cont/b?\(Self.account("r", end: old))").code == "AuthenticationFailed")
            let secure = try await azure.bare("GET", "cont/b?\(Self.account("r", protocols: "https"))")
            #expect(secure.code == "AuthorizationProtocolMismatch")
            let forged = Self.account("r").replacing("sp=r&", with: "sp=rd&")
            #expect(try await azure.bare("DELETE", "cont/b?\(forged)").code == "AuthenticationFailed")
            let create = ["x-ms-blob-type": "BlockBlob"]
            let over = try await azure.bare("PUT", "cont/b?\(Self.account("c"))", create, [1])
            #expect(over.status == 403 && over.code == "UnauthorizedBlobOverwrite")
            #expect(try await azure.bare("PUT", "cont/new?\(Self.account("c"))", create, [1]).status == 201)
        }
    }

    @Test("a service SAS is for its container or blob alone")
    func serviceSAS() async throws {
        try await TestAzure.run { azure in
            try await azure.put("a%20%C3%BC", [7])
            try await azure.put("b", [8])
            let one = Self.service("r", "cont/a ü", kind: "b", type: "text/x")
            let answer = try await azure.bare("GET", "cont/a%20%C3%BC?\(one)")
            #expect(answer.body == [7] && answer["content-type"] == "text/x")
            #expect(try await azure.bare("GET", "cont/b?\(one)").status == 403)
            let all = Self.service("rl", "cont", kind: "c")
            #expect(try await azure.bare("GET", "cont/b?\(all)").body == [8])
            #expect(try await azure.bare("GET", "cont?restype=container&comp=list&\(all)").elements("Name").count == 2)
            #expect(try await azure.bare("DELETE", "cont?restype=container&\(all)").status == 403)
            #expect(azure.server.requests.last?.authorization == "none")
            #expect(azure.server.requests.allSatisfy { !$0.path.contains("sig") })
        }
    }
}
