import Crypto
import Engine
import FoundationEssentials
import Wire

/// AWS Signature Version 4 for S3, by header.
///
/// "Signature Calculations for the Authorization Header" of the S3 API reference. Paths are encoded once, as S3 alone
/// wants it; every header given is signed.
struct SigV4: Sendable {
    let accessKey: String
    let secretKey: String
    let region: String

    static let unsignedPayload = "UNSIGNED-PAYLOAD"

    /// What is signed, from which the rest follows.
    struct Subject {
        var method: String
        /// Encoded, beginning with a slash.
        var path: String
        /// Neither encoded nor sorted.
        var query: [(name: String, value: String)]
        /// With `host`.
        var headers: [HTTPHeader]
        /// Hexadecimal SHA-256 of the body, or `unsignedPayload`.
        var payload: String
    }

    /// `20260102T030405Z`
    static func stamp(_ time: Timestamp) -> String {
        String(time.description.prefix(19).filter { $0 != "-" && $0 != ":" }) + "Z"
    }

    /// Encoded and sorted, as it is sent and signed.
    static func queryText(_ query: [(name: String, value: String)]) -> String {
        let encoded = query.map { item in
            (name: PercentCoding.encode(item.name), value: PercentCoding.encode(item.value))
        }
        let sorted = encoded.sorted { a, b in a.name == b.name ? a.value < b.value : a.name < b.name }
        return sorted.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// The value of `Authorization`. The header `x-amz-date` must be among the subject's, with the same time.
    func authorization(_ subject: Subject, at time: Timestamp) -> String {
        let headers = Self.canonical(subject.headers)
        let names = headers.map(\.name).joined(separator: ";")
        let signature = Hex.text(Array(sign(stringToSign(subject, at: time), at: time)))
        return "AWS4-HMAC-SHA256 Credential=\(accessKey)/\(scope(time)), SignedHeaders=\(names), Signature=\(signature)"
    }

    func canonicalRequest(_ subject: Subject) -> String {
        let headers = Self.canonical(subject.headers)
        return [
            subject.method, subject.path, Self.queryText(subject.query),
            headers.map { "\($0.name):\($0.value)\n" }.joined(), headers.map(\.name).joined(separator: ";"),
            subject.payload,
        ].joined(separator: "\n")
    }

    func stringToSign(_ subject: Subject, at time: Timestamp) -> String {
        let hash = Array(canonicalRequest(subject).utf8).withUnsafeBytes { BodySum.sha256($0) }
        return "AWS4-HMAC-SHA256\n\(Self.stamp(time))\n\(scope(time))\n\(hash)"
    }

    private func scope(_ time: Timestamp) -> String { "\(Self.stamp(time).prefix(8))/\(region)/s3/aws4_request" }

    private func sign(_ text: String, at time: Timestamp) -> HMAC<SHA256>.MAC {
        func code(_ text: String, _ key: some ContiguousBytes) -> HMAC<SHA256>.MAC {
            HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key))
        }
        let date = code(String(Self.stamp(time).prefix(8)), Array("AWS4\(secretKey)".utf8))
        return code(text, code("aws4_request", code("s3", code(region, date))))
    }

    /// Lower-case names in byte order, values without outer blanks and with single inner ones.
    private static func canonical(_ headers: [HTTPHeader]) -> [(name: String, value: String)] {
        headers.map { header in
            (header.name.lowercased(), header.value.split(separator: " ").joined(separator: " "))
        }.sorted { $0.0 < $1.0 }
    }
}
