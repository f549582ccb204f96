import Engine
import FoundationEssentials
import Wire

/// How the Blob service wants requests addressed and authorized.
struct AzureService: ObjectService {
    /// The protocol's version; every cloud and emulator knows it.
    static let version = "2021-12-02"

    let address: HTTPAddress
    let account: String
    let container: String
    let credentials: AzureCredentials
    private let base: String

    init(_ address: HTTPAddress, _ settings: AzureBlobTarget.Settings, _ credentials: AzureCredentials) {
        self.address = address
        account = settings.account
        container = settings.container
        self.credentials = credentials
        base = address.path + (settings.style == .path ? "/" + account : "") + "/" + container
    }

    func request(for call: ObjectCall, at now: Timestamp) async throws(EngineError) -> HTTPRequest {
        var headers = call.headers
        headers += [
            HTTPHeader("x-ms-version", Self.version), HTTPHeader("x-ms-date", HTTPDate.text(now)),
            HTTPHeader("x-ms-client-request-id", UUID().uuidString.lowercased()),
        ]
        if let sum = call.body.md5, call.body.count > 0 { headers.append(HTTPHeader("Content-MD5", sum)) }
        let path = call.object.isEmpty ? base : base + "/" + PercentCoding.encode(path: call.object)
        var query = call.query.map { "\($0.name)=\(PercentCoding.encode($0.value))" }
        switch credentials {
        case .key(let key):
            let subject = SharedKey.Subject(
                method: call.method, path: path, query: call.query, headers: headers, length: call.body.count)
            headers.append(HTTPHeader("Authorization", key.authorization(subject)))
        case .signature(let signature): query.append(signature.query)
        case .token(let tokens): headers.append(HTTPHeader("Authorization", "Bearer " + (try await tokens.token())))
        }
        headers.append(HTTPHeader("User-Agent", "ahvault"))
        var request = HTTPRequest(
            method: call.method,
            url: address.origin + path + (query.isEmpty ? "" : "?" + query.joined(separator: "&")), headers: headers,
            body: call.body.small, maximumReplyBytes: call.limit)
        request.memory = call.body.bytes
        request.space = call.space
        return request
    }

    func isTransient(_ reply: HTTPReply) -> Bool {
        switch reply.status {
        case 408, 429: true
        case 500...: reply.status != 501 && reply.status != 505
        case 400: ["Md5Mismatch", "Crc64Mismatch"].contains(AzureProblem(reply).code)
        case 409: AzureProblem(reply).code == "ContainerBeingDeleted"
        default: false
        }
    }

    /// A refused token may have been withdrawn: the next one is fetched anew.
    func renews(after reply: HTTPReply) async throws(EngineError) -> Bool {
        guard reply.status == 401, case .token(let tokens) = credentials else { return false }
        await tokens.forget()
        return true
    }
}
