import Engine
import FoundationEssentials
import Wire

/// The two places that give tokens: Entra ID for an application's secret, and the metadata service of an Azure VM.
struct EntraService: ObjectService {
    let origin: EntraTokens.Origin
    /// The service that the tokens are for.
    let resource: String

    /// The request for a token.
    var call: ObjectCall {
        switch origin {
        case .application(let authority, let tenant, let client, _),
            .asserted(let authority, let tenant, let client, _):
            ObjectCall(
                method: "POST",
                what: "get a token for the application \(client) of tenant \(tenant) from \(authority.origin)")
        case .machine(let address, _):
            ObjectCall(method: "GET", what: "get a token of this machine's identity from \(address.origin)")
        }
    }

    func request(for call: ObjectCall, at now: Timestamp) async throws(EngineError) -> HTTPRequest {
        var request: HTTPRequest
        switch origin {
        case .application(let authority, let tenant, let client, let secret):
            request = form(Self.endpoint(authority, tenant), client, [("client_secret", secret)])
        case .asserted(let authority, let tenant, let client, let statement):
            let endpoint = Self.endpoint(authority, tenant)
            request = form(
                endpoint, client,
                [
                    ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                    ("client_assertion", try statement(endpoint, now)),
                ])
        case .machine(let address, let client):
            let identity = client.map { "&client_id=" + PercentCoding.encode($0) } ?? ""
            request = HTTPRequest(
                method: "GET",
                url: address.origin + address.path + "/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
                    + PercentCoding.encode(resource) + identity, headers: [HTTPHeader("Metadata", "true")])
            // Outside Azure nobody answers at that address.
            request.connectTimeout = .seconds(3)
        }
        request.maximumReplyBytes = 1 << 20
        return request
    }

    private static func endpoint(_ authority: HTTPAddress, _ tenant: String) -> String {
        authority.origin + authority.path + "/\(PercentCoding.encode(tenant))/oauth2/v2.0/token"
    }

    /// The form of OAuth 2.0 with what proves the application.
    private func form(_ endpoint: String, _ client: String, _ proof: [(String, String)]) -> HTTPRequest {
        let fields = [("client_id", client), ("grant_type", "client_credentials")] + proof
        let form = (fields + [("scope", resource + "/.default")])
            .map { "\($0.0)=\(PercentCoding.encode($0.1))" }.joined(separator: "&")
        return HTTPRequest(
            method: "POST", url: endpoint,
            headers: [
                HTTPHeader("Content-Type", "application/x-www-form-urlencoded"),
                HTTPHeader("Accept", "application/json"),
            ], body: Array(form.utf8))
    }

    func isTransient(_ reply: HTTPReply) -> Bool {
        if case .machine = origin, [404, 410].contains(reply.status) { return true }
        return reply.status == 408 || reply.status == 429 || reply.status >= 500
    }

    func refusal(of call: ObjectCall, _ reply: HTTPReply, at now: Timestamp) -> EngineError {
        let problem = try? JSONDecoder().decode(Problem.self, from: Data(reply.body))
        var words = "status \(reply.status)"
        if let problem {
            words = [problem.error, problem.error_description].compactMap(\.self).joined(separator: ": ")
        }
        let line = String(words.prefix(300).map { $0.isNewline ? " " : $0 })
        let isDenied = [400, 401, 403].contains(reply.status)
        return EngineError(
            isDenied ? .denied : .failed, "cannot \(call.what): \(line)" + (advice.map { "; \($0)" } ?? ""),
            isRetryable: isTransient(reply))
    }

    private var advice: String? {
        switch origin {
        case .asserted: "are `tenant` and `clientId` right, and is the certificate one of the application's, and valid?"
        case .application: "are `tenant`, `clientId` and `secret` right, and has the secret not expired?"
        case .machine: "has this VM a managed identity, and is `clientId` one of its?"
        }
    }

    private struct Problem: Decodable {
        let error: String?
        let error_description: String?
    }
}
