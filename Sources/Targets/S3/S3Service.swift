import Engine
import Wire

/// How S3 wants requests addressed and signed.
struct S3Service: ObjectService {
    /// Bodies above this are not hashed for the signature when TLS carries them; `Content-MD5` is checked instead.
    static let mostHashedBytes = 1 << 20

    let address: HTTPAddress
    let bucket: String
    let region: String
    let credentials: S3Credentials
    private let base: String

    init(_ address: HTTPAddress, bucket: String, region: String, style: S3Target.Style, _ credentials: S3Credentials) {
        let isVirtual = style == .virtual
        self.address = isVirtual ? address.under(bucket) : address
        self.bucket = bucket
        self.region = region
        self.credentials = credentials
        base = address.path + (isVirtual ? "" : "/" + PercentCoding.encode(bucket))
    }

    func request(for call: ObjectCall, at now: Timestamp) async throws(EngineError) -> HTTPRequest {
        let isSecure = address.isSecure
        let payload =
            isSecure && call.body.count > Self.mostHashedBytes ? SigV4.unsignedPayload : BodySum.sha256(call.body)
        var headers = call.headers
        headers += [
            HTTPHeader("Host", address.authority), HTTPHeader("x-amz-date", SigV4.stamp(now)),
            HTTPHeader("x-amz-content-sha256", payload),
        ]
        if let sum = call.body.md5 { headers.append(HTTPHeader("Content-MD5", sum)) }
        if let token = credentials.sessionToken { headers.append(HTTPHeader("x-amz-security-token", token)) }
        let path = path(of: call.object)
        let signer = SigV4(accessKey: credentials.accessKey, secretKey: credentials.secretKey, region: region)
        let subject = SigV4.Subject(
            method: call.method, path: path, query: call.query, headers: headers, payload: payload)
        headers.append(HTTPHeader("Authorization", signer.authorization(subject, at: now)))
        headers.append(HTTPHeader("User-Agent", "ahvault"))
        let query = call.query.isEmpty ? "" : "?" + SigV4.queryText(call.query)
        var request = HTTPRequest(
            method: call.method, url: address.origin + path + query,
            headers: headers.filter { $0.name != "Host" }, body: call.body.small, maximumReplyBytes: call.limit)
        request.memory = call.body.bytes
        request.space = call.space
        return request
    }

    private func path(of object: String) -> String {
        guard !object.isEmpty else { return base.isEmpty ? "/" : base }
        return base + "/" + PercentCoding.encode(path: object)
    }

    func isSuccess(_ reply: HTTPReply, of call: ObjectCall) -> Bool {
        reply.isSuccess && !(call.isDecidedByBody && S3Problem(reply).code != nil)
    }

    func isTransient(_ reply: HTTPReply) -> Bool {
        if [408, 429, 500, 502, 503, 504].contains(reply.status) { return true }
        return S3Problem(reply).isTransient
    }
}
