/// Decides whether a request comes from whom it says it does, and may do what it asks.
struct Authorizer: Sendable {
    let settings: AzureSettings
    let tokens: Tokens
    let grants: DiskGrants

    /// Seconds that a request's date may be off.
    static let skew = 15.0 * 60

    /// - Throws: `AzureError`.
    func authorize(_ call: Call, _ operation: Operation, now: Instant) throws(AzureError) -> Grant {
        if Self.isDisk(call.account) { return try disk(call, operation, now: now) }
        guard let account = settings.accounts.first(where: { $0.name == call.account }) else {
            throw AzureError(404, "ResourceNotFound", "The specified resource does not exist.")
        }
        if let field = call["authorization"] {
            let halves = field.split(separator: " ", maxSplits: 1).map(String.init)
            switch (halves.first, halves.count) {
            case ("SharedKey", 2): return try sharedKey(call, account, halves[1], now)
            case ("Bearer", 2): return try bearer(call, operation, halves[1], now)
            default:
                throw AzureError(
                    400, "InvalidAuthenticationInfo",
                    "Authentication information is not given in the correct format: see the Authorization header."
                )
            }
        }
        if call.parameter("sig") != nil { return try signature(call, operation, account, now) }
        throw AzureError(
            401, "NoAuthenticationInformation",
            "Server failed to authenticate the request. Please refer to the information in the www-authenticate header."
        ).sending("WWW-Authenticate", tokens.challenge(origin: call.origin))
    }

    private func sharedKey(
        _ call: Call, _ account: AzureSettings.Account, _ credentials: String, _ now: Instant
    ) throws(AzureError) -> Grant {
        let halves = credentials.split(separator: ":", maxSplits: 1).map(String.init)
        guard halves.count == 2, halves[0] == account.name else {
            throw .authentication("The account name in the Authorization header is not the one of the URL.")
        }
        guard let text = call["x-ms-date"] ?? call["date"], let date = Instant(httpDate: text) else {
            throw .authentication("The Date header in the request is incorrect.")
        }
        if abs(date.seconds - now.seconds) > Self.skew {
            throw .authentication("Request date header too old: '\(text)'")
        }
        let texts = SharedKey.stringsToSign(call)
        for key in account.keys {
            if texts.contains(where: { SharedKey.sign($0, key: key) == halves[1] }) { return Grant(kind: .sharedKey) }
        }
        throw .authentication(
            "The MAC signature found in the HTTP request '\(halves[1])' is not the same as any computed signature. "
                + "Server used following string to sign: '\(texts[0])'.")
    }

    /// What a principal may do, with its token or with a signature by a key that it asked for.
    func check(_ role: AzureSettings.Role, _ operation: Operation) throws(AzureError) {
        switch role {
        case .contributor: break
        case .reader: if !operation.isRead && operation != .getUserDelegationKey { throw .permissionMismatch }
        case .none: throw .permissionMismatch
        }
    }

    private func bearer(
        _ call: Call, _ operation: Operation, _ token: String, _ now: Instant
    ) throws(AzureError) -> Grant {
        let challenge = tokens.challenge(origin: call.origin)
        let refusal = AzureError(
            401, "InvalidAuthenticationInfo",
            "Server failed to authenticate the request. Please refer to the information in the www-authenticate header."
        ).sending("WWW-Authenticate", challenge)
        guard (call["x-ms-version"] ?? "") >= "2017-11-09" else { throw refusal }
        guard let issued = tokens.find(token) else {
            throw refusal.with("AuthenticationErrorDetail", "Signature validation failed.")
        }
        guard issued.expires > now else {
            throw refusal.with("AuthenticationErrorDetail", "Lifetime validation failed. The token is expired.")
        }
        let audience = issued.audience.last == "/" ? String(issued.audience.dropLast()) : issued.audience
        guard audience == Tokens.storage || audience == "https://\(call.account).blob.core.windows.net" else {
            throw refusal.with("AuthenticationErrorDetail", "Audience validation failed.")
        }
        try check(issued.role, operation)
        return Grant(kind: .bearer, principal: issued)
    }
}
