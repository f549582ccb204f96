/// The endpoints that issue tokens: Entra ID's, and the metadata service of a virtual machine.
struct Directory: Sendable {
    let tokens: Tokens

    private var settings: AzureSettings { tokens.settings }

    /// The operation of a request to the directory; nil when it is one to the storage service.
    static func operation(_ call: Call) -> Operation? {
        let pieces = call.rawPath.split(separator: "/")
        if call.method == "GET", call.rawPath == "/metadata/identity/oauth2/token" { return .managedIdentityToken }
        if call.method == "POST", pieces.count == 4, pieces.dropFirst() == ["oauth2", "v2.0", "token"] {
            return .token
        }
        if call.method == "GET", call.rawPath.hasSuffix("/.well-known/openid-configuration") { return .discovery }
        return nil
    }

    /// An error in the form in which the directory gives its own.
    static func error(_ error: AzureError) -> Answer {
        var answer = Answer.json(
            error.status, [("error", .text(error.code)), ("error_description", .text(error.message))])
        answer.headers += error.headers
        return answer
    }

    func answer(_ operation: Operation, _ call: Call, _ body: [UInt8], now: Instant) -> Answer {
        switch operation {
        case .managedIdentityToken: managedIdentity(call, now)
        case .discovery: discovery(call)
        default: clientCredentials(call, body, now)
        }
    }

    private func discovery(_ call: Call) -> Answer {
        let base = "\(call.origin)/\(call.account)"
        return .json(
            200,
            [
                ("token_endpoint", .text("\(base)/oauth2/v2.0/token")),
                ("authorization_endpoint", .text("\(base)/oauth2/v2.0/authorize")),
                ("issuer", .text("\(base)/v2.0")),
                ("token_endpoint_auth_methods_supported", .texts(["client_secret_post", "private_key_jwt"])),
                ("response_types_supported", .texts(["code", "token"])),
            ])
    }

    // MARK: Client credentials

    private func clientCredentials(_ call: Call, _ body: [UInt8], _ now: Instant) -> Answer {
        let pairs = Percent.pairs(String(decoding: body, as: UTF8.self)) ?? []
        let form = Dictionary(pairs.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        guard ([settings.tenant] + settings.foreignTenants).contains(call.account) else {
            return refusal(400, "invalid_request", 90002, "Tenant '\(call.account)' not found.")
        }
        guard form["grant_type"] == "client_credentials" else {
            return refusal(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
        }
        guard let client = form["client_id"] else {
            return refusal(400, "invalid_request", 900144, "The request body must contain 'client_id'.")
        }
        guard let principal = settings.principals.first(where: { $0.clientID == client && !$0.isIdentity }) else {
            return refusal(
                400, "unauthorized_client", 700_016,
                "Application with identifier '\(client)' was not found in the directory.")
        }
        if let refusal = credentialRefusal(principal, form, call, now) { return refusal }
        guard let scope = form["scope"], !scope.isEmpty else {
            return refusal(400, "invalid_request", 900144, "The request body must contain 'scope'.")
        }
        guard scope.hasSuffix("/.default") else {
            return refusal(
                400, "invalid_scope", 1_002_012, "The scope \(scope) is not valid: it must end in /.default.")
        }
        let audience = String(scope.dropLast("/.default".count))
        let token = tokens.issue(principal, audience: audience, tenant: call.account, now: now)
        return .json(
            200,
            [
                ("token_type", .text("Bearer")), ("expires_in", .number(settings.tokenSeconds)),
                ("ext_expires_in", .number(settings.tokenSeconds)), ("access_token", .text(token)),
            ])
    }

    /// Why a secret or an assertion is refused; nil when it is right.
    private func credentialRefusal(
        _ principal: AzureSettings.Principal, _ form: [String: String], _ call: Call, _ now: Instant
    ) -> Answer? {
        guard let text = form["client_assertion"] else {
            if principal.secret != nil, form["client_secret"] == principal.secret { return nil }
            return form["client_secret"] == nil
                ? refusal(
                    401, "invalid_client", 7_000_218,
                    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
                : refusal(401, "invalid_client", 7_000_215, "Invalid client secret provided.")
        }
        guard form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" else {
            return refusal(400, "invalid_request", 900_144, "The request body must contain 'client_assertion_type'.")
        }
        guard let certificate = principal.certificate else {
            return refusal(
                401, "invalid_client", 700_027, "The client application has no registered keys to check the assertion.")
        }
        let host = call.origin.split(separator: "/").last.map(String.init) ?? ""
        let audiences = ["http", "https"].map { "\($0)://\(host)\(call.rawPath)" }
        do throws(ClientAssertion.Refusal) {
            try ClientAssertion(text).check(
                client: principal.clientID, pem: certificate, audiences: audiences, now: now)
            return nil
        } catch {
            return refusal(401, "invalid_client", error.code, error.text)
        }
    }

    private func refusal(_ status: Int, _ error: String, _ code: Int, _ text: String) -> Answer {
        .json(
            status,
            [
                ("error", .text(error)), ("error_description", .text("AADSTS\(code): \(text)")),
                ("error_codes", .numbers([code])), ("timestamp", .text(Instant.now().isoDate)),
            ])
    }

    // MARK: Managed identity

    private func managedIdentity(_ call: Call, _ now: Instant) -> Answer {
        guard call["metadata"] == "true" else { return bad("Required metadata header not specified") }
        guard call["x-forwarded-for"] == nil else { return bad("Requests through a proxy are refused") }
        guard let version = call.parameter("api-version"), version >= "2018-02-01" else {
            return bad("Required query variable 'api-version' is missing")
        }
        guard let resource = call.parameter("resource"), !resource.isEmpty else {
            return bad("Required query variable 'resource' is missing")
        }
        let identities = settings.principals.filter(\.isIdentity)
        let wanted = call.parameter("client_id")
        guard let identity = identities.first(where: { wanted == nil || $0.clientID == wanted }) else {
            return bad("Identity not found")
        }
        if wanted == nil && identities.count > 1 {
            return bad(
                "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity")
        }
        let token = tokens.issue(identity, audience: resource, tenant: settings.tenant, now: now)
        return .json(
            200,
            [
                ("access_token", .text(token)), ("client_id", .text(identity.clientID)),
                ("expires_in", .text("\(settings.tokenSeconds)")),
                ("expires_on", .text("\(Int(now.seconds) + settings.tokenSeconds)")),
                ("ext_expires_in", .text("\(settings.tokenSeconds)")), ("not_before", .text("\(Int(now.seconds))")),
                ("resource", .text(resource)), ("token_type", .text("Bearer")),
            ])
    }

    private func bad(_ text: String) -> Answer {
        .json(400, [("error", .text("invalid_request")), ("error_description", .text(text))])
    }
}
