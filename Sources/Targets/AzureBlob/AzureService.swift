package import Engine
import FoundationEssentials
package import Wire

/// How the Blob service wants requests addressed and authorized.
package struct AzureService: ObjectService {
    /// The protocol's version; every cloud and emulator knows it.
    package static let version = "2021-12-02"

    package let address: HTTPAddress
    package let account: String
    package let container: String
    let credentials: AzureCredentials
    private let base: String

    init(_ address: HTTPAddress, _ settings: AzureBlobTarget.Settings, _ credentials: AzureCredentials) {
        self.init(
            address, account: settings.account, container: settings.container, isInPath: settings.style == .path,
            credentials)
    }

    /// - Parameter isInPath: whether the account is the first part of the path, not of the host.
    package init(
        _ address: HTTPAddress, account: String, container: String, isInPath: Bool, _ credentials: AzureCredentials
    ) {
        self.address = address
        self.account = account
        self.container = container
        self.credentials = credentials
        base = address.path + (isInPath ? "/" + account : "") + "/" + container
    }

    /// The address of a blob, without a query.
    package func url(of object: String) -> String { address.origin + base + "/" + PercentCoding.encode(path: object) }

    package func request(for call: ObjectCall, at now: Timestamp) async throws(EngineError) -> HTTPRequest {
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

    package func isTransient(_ reply: HTTPReply) -> Bool {
        switch reply.status {
        case 408, 429: true
        case 500...: reply.status != 501 && reply.status != 505
        case 400: ["Md5Mismatch", "Crc64Mismatch"].contains(AzureProblem(reply).code)
        case 409: AzureProblem(reply).code == "ContainerBeingDeleted"
        default: false
        }
    }

    /// A refused token may have been withdrawn: the next one is fetched anew.
    package func renews(after reply: HTTPReply) async throws(EngineError) -> Bool {
        guard reply.status == 401, case .token(let tokens) = credentials else { return false }
        await tokens.forget()
        return true
    }
}
