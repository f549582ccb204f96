import Engine
import Foundation
import Testing
import Wire

@testable import Targets

@Suite("Signatures of S3 requests")
struct SigV4Tests {
    struct Vectors: Decodable {
        let access_key: String
        let secret_key: String
        let region: String
        let vectors: [Vector]
    }

    struct Vector: Decodable, Sendable, CustomTestStringConvertible {
        let method: String
        let url: String
        let headers: [String: String]
        let canonical_request: String
        let string_to_sign: String
        let authorization: String
        var testDescription: String { "\(method) \(url)" }
    }

    static let vectors: Vectors? = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "ObjectStores/sigv4-vectors.json")
        return (try? Data(contentsOf: file)).flatMap { try? JSONDecoder().decode(Vectors.self, from: $0) }
    }()

    @Test("there are vectors of Amazon's own program")
    func some() { #expect(Self.vectors?.vectors.count == 8) }

    @Test("each is what Amazon's own program makes", arguments: vectors?.vectors ?? [])
    func vector(_ vector: Vector) throws {
        let all = try #require(Self.vectors)
        let time = try #require(Timestamp("2026-01-02T03:04:05Z"))
        let url = try #require(URLComponents(string: vector.url))
        let port = url.port.map { ":\($0)" } ?? ""
        var headers = vector.headers.filter { $0.key != "Authorization" }.map { HTTPHeader($0.key, $0.value) }
        headers.append(HTTPHeader("host", (url.host ?? "") + port))
        let subject = SigV4.Subject(
            method: vector.method,
            path: PercentCoding.encode(path: try #require(PercentCoding.decode(url.percentEncodedPath))),
            query: (url.queryItems ?? []).map { ($0.name, $0.value ?? "") }, headers: headers,
            payload: try #require(vector.headers["X-Amz-Content-SHA256"]))
        let signer = SigV4(accessKey: all.access_key, secretKey: all.secret_key, region: all.region)
        #expect(SigV4.stamp(time) == vector.headers["X-Amz-Date"])
        #expect(signer.canonicalRequest(subject) == vector.canonical_request)
        #expect(signer.stringToSign(subject, at: time) == vector.string_to_sign)
        #expect(signer.authorization(subject, at: time) == vector.authorization)
    }
}
