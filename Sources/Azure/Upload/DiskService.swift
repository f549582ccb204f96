import Engine
import FoundationEssentials
import Synchronization
import Targets
import Wire

/// The Blob service behind a managed disk: it takes the signed address as it is, and few operations.
struct DiskService: ObjectService {
    let access: DiskAccess
    /// For disks that want a token besides the signature; nil for others.
    let tokens: EntraTokens?
    /// The number of the address that the last request used: one request at a time uses this service.
    private let used = LastGrant()

    private final class LastGrant: Sendable {
        let number = Mutex(0)
    }

    init(_ access: DiskAccess, tokens: EntraTokens?) {
        self.access = access
        self.tokens = tokens
    }

    func request(for call: ObjectCall, at now: Timestamp) async throws(EngineError) -> HTTPRequest {
        let grant = try await access.current()
        used.number.withLock { $0 = grant.number }
        var headers = call.headers
        headers += [
            HTTPHeader("x-ms-version", AzureService.version), HTTPHeader("x-ms-date", HTTPDate.text(now)),
            HTTPHeader("x-ms-client-request-id", UUID().uuidString.lowercased()), HTTPHeader("User-Agent", "ahvault"),
        ]
        if let tokens { headers.append(HTTPHeader("Authorization", "Bearer " + (try await tokens.token()))) }
        let query = call.query.map { "&\($0.name)=\(PercentCoding.encode($0.value))" }.joined()
        var request = HTTPRequest(
            method: call.method, url: grant.address + query, headers: headers, body: call.body.small,
            maximumReplyBytes: call.limit)
        request.memory = call.body.bytes
        request.space = call.space
        return request
    }

    func isTransient(_ reply: HTTPReply) -> Bool {
        switch reply.status {
        case 408, 429: true
        case 500...: reply.status != 501 && reply.status != 505
        case 400: ["Md5Mismatch", "Crc64Mismatch"].contains(AzureProblem(reply).code)
        case 403, 404: access.isYoung && Self.isUnknownSignature(reply)
        default: false
        }
    }

    private static func isUnknownSignature(_ reply: HTTPReply) -> Bool {
        ["AuthenticationFailed", "ResourceNotFound", "ContainerNotFound", "BlobNotFound"].contains(
            AzureProblem(reply).code)
    }

    /// A signature that has ended is renewed, which does not end an upload.
    func renews(after reply: HTTPReply) async throws(EngineError) -> Bool {
        if reply.status == 401, let tokens {
            await tokens.forget()
            return true
        }
        guard reply.status == 403, AzureProblem(reply).code == "AuthenticationFailed" else { return false }
        try await access.renewed(after: used.number.withLock { $0 })
        return true
    }

    func refusal(of call: ObjectCall, _ reply: HTTPReply, at now: Timestamp) -> EngineError {
        let problem = AzureProblem(reply)
        let words = problem.words(client: reply.value(of: "x-ms-client-request-id"))
        let (kind, advice): (EngineError.Kind, String?) =
            switch reply.status {
            case 401:
                (
                    .denied,
                    "the disk wants a token besides its signature: give the identity the role `Data Operator for Managed Disks`"
                )
            case 403:
                (
                    .denied,
                    ServerClock.complaint(reply, at: now)
                        ?? "does a network policy of the disk or the subscription keep this machine out?"
                )
            case 404: (.notFound, nil)
            case 416: (.corrupt, "the disk in Azure is smaller than its image")
            case 429, 503: (.rateLimited, nil)
            default: (.failed, nil)
            }
        return EngineError(
            kind, "cannot \(call.what): \(words)" + (advice.map { "; \($0)" } ?? ""), isRetryable: isTransient(reply))
    }
}
