import Engine
import FoundationEssentials
import Targets
import Wire

/// How Azure Resource Manager wants requests addressed and authorized. The object of a call is a path, or the whole address
/// of an operation that an earlier reply named.
struct ResourceService: ObjectService {
    let address: HTTPAddress
    let tokens: EntraTokens

    func request(for call: ObjectCall, at now: Timestamp) async throws(EngineError) -> HTTPRequest {
        let query = call.query.map { "\($0.name)=\(PercentCoding.encode($0.value))" }.joined(separator: "&")
        var url = call.object
        if url.hasPrefix("/") {
            url = address.origin + address.path + PercentCoding.encode(path: call.object)
        } else {
            try checkAddress(url)
        }
        if !query.isEmpty { url += (url.contains("?") ? "&" : "?") + query }
        var headers = call.headers
        headers += [
            HTTPHeader("Authorization", "Bearer " + (try await tokens.token())),
            HTTPHeader("x-ms-client-request-id", UUID().uuidString.lowercased()),
            HTTPHeader("Accept", "application/json"), HTTPHeader("User-Agent", "ahvault"),
        ]
        if !call.body.small.isEmpty { headers.append(HTTPHeader("Content-Type", "application/json")) }
        return HTTPRequest(
            method: call.method, url: url, headers: headers, body: call.body.small, maximumReplyBytes: call.limit)
    }

    /// A token goes to Azure Resource Manager alone, whatever an answer says: to its host, or one of a region below it.
    private func checkAddress(_ url: String) throws(EngineError) {
        let target = try HTTPAddress(String(url.prefix { $0 != "?" }), key: "address of an operation")
        let isOurs = target.host == address.host && target.port == address.port
        guard isOurs || target.host.hasSuffix("." + address.host), target.isSecure == address.isSecure else {
            throw EngineError(.failed, "Azure names an operation at \(target.host), which is not \(address.host)")
        }
    }

    func isTransient(_ reply: HTTPReply) -> Bool {
        switch reply.status {
        case 408, 429: true
        case 500...: reply.status != 501 && reply.status != 505
        case 409: Self.busy.contains(ResourceProblem(reply).code)
        default: false
        }
    }

    /// Another operation is going on; it ends by itself.
    private static let busy: Set<String> = [
        "Conflict", "AnotherOperationInProgress", "RetryableError", "RetryableErrorDueToAnotherOperation",
        "ReferencedResourceNotProvisioned", "OperationPreempted", "ResourceGroupBeingDeleted",
    ]

    func renews(after reply: HTTPReply) async throws(EngineError) -> Bool {
        guard reply.status == 401, ResourceProblem(reply).code != "InvalidAuthenticationTokenTenant" else {
            return false
        }
        await tokens.forget()
        return true
    }

    func refusal(of call: ObjectCall, _ reply: HTTPReply, at now: Timestamp) -> EngineError {
        let problem = ResourceProblem(reply)
        var (kind, advice) = problem.meaning
        if kind == .failed {
            switch reply.status {
            case 401, 403:
                (kind, advice) = (.denied, ServerClock.complaint(reply, at: now) ?? advice)
            case 404: kind = .notFound
            case 429, 503: kind = .rateLimited
            default: break
            }
        }
        let ids = reply.value(of: "x-ms-correlation-request-id").map { " (correlation \($0.prefix(80)))" } ?? ""
        return EngineError(
            kind, "cannot \(call.what): \(problem.words)\(ids)" + (advice.map { "; \($0)" } ?? ""),
            isRetryable: isTransient(reply))
    }
}
