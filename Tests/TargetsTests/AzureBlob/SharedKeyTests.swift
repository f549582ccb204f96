import Engine
import Foundation
import Testing
import Wire

@testable import Targets

@Suite("Signatures of Azure Blob requests")
struct SharedKeyTests {
    struct Vectors: Decodable {
        let account: String
        let key: String
        let sharedkey: [Vector]
        let sas: [Signature]
    }

    struct Vector: Decodable, Sendable, CustomTestStringConvertible {
        let op: String
        let method: String
        let url: String
        let headers: [String: String]
        let body_b64: String
        let string_to_sign: String
        let authorization: String
        var testDescription: String { op }
    }

    struct Signature: Decodable, Sendable, CustomTestStringConvertible {
        let kind: String
        let token: String
        var testDescription: String { kind }
    }

    static let vectors: Vectors? = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "ObjectStores/azure-vectors.json")
        return (try? Data(contentsOf: file)).flatMap { try? JSONDecoder().decode(Vectors.self, from: $0) }
    }()

    @Test("there are vectors of Microsoft's own library")
    func some() {
        #expect(Self.vectors?.sharedkey.count == 30)
        #expect(Self.vectors?.sas.isEmpty == false)
    }

    /// Names of metadata with hyphens, which the library sorts in its own way, are not allowed and not used here.
    static let usable = (vectors?.sharedkey ?? []).filter { $0.headers["x-ms-meta-a-b"] == nil }

    @Test("each is what Microsoft's own library makes", arguments: usable)
    func vector(_ vector: Vector) throws {
        let all = try #require(Self.vectors)
        let url = try #require(URLComponents(string: vector.url))
        let headers = vector.headers.filter { !["Authorization", "Content-Length"].contains($0.key) }
        let account = try #require(
            vector.authorization.split(separator: " ").last?.split(separator: ":").first.map(String.init))
        let subject = SharedKey.Subject(
            method: vector.method, path: url.percentEncodedPath,
            query: (url.queryItems ?? []).map { ($0.name, $0.value ?? "") },
            headers: headers.map { HTTPHeader($0.key, $0.value) },
            length: try #require(Data(base64Encoded: vector.body_b64)).count)
        let key = try SharedKey(account: account, key: all.key)
        #expect(key.stringToSign(subject) == vector.string_to_sign)
        #expect(key.authorization(subject) == vector.authorization)
    }

    @Test("shared access signatures are kept as they are given", arguments: vectors?.sas ?? [])
    func signature(_ signature: Signature) throws {
        let plain = try SharedAccessSignature(signature.token)
        #expect(plain.query == signature.token)
        let pasted = try SharedAccessSignature(" https://a.blob.core.windows.net/c?\(signature.token)\n")
        #expect(pasted.query == signature.token)
        #expect((plain.expiry != nil) == "&\(signature.token)".contains("&se="))
    }

    @Test("what is no key and no signature is refused without being shown", arguments: ["", "secret!", "a=b&c=d"])
    func wrong(_ text: String) {
        for error in [
            #expect(throws: EngineError.self) { try SharedKey(account: "a", key: text) },
            #expect(throws: EngineError.self) { try SharedAccessSignature(text) },
        ] {
            #expect(error?.kind == .configuration)
            #expect(text.isEmpty || error?.message.contains(text) == false)
        }
    }
}
