/// Decides who may do what with the resources of the subscription.
struct ManagementAuthorizer: Sendable {
    let settings: AzureSettings
    let tokens: Tokens

    /// - Throws: `AzureError`: 401 for a token that is none here, 403 for a caller who may not, 404 for a subscription
    ///   that is not there.
    func authorize(_ call: Call, _ path: ManagementPath, now: Instant) throws(AzureError) -> Tokens.Issued {
        let caller = try bearer(call, now)
        guard caller.tenant == settings.tenant else {
            throw refusal(
                call, "InvalidAuthenticationTokenTenant",
                "The access token is from the wrong issuer 'https://sts.windows.net/\(caller.tenant)/'. It must match the "
                    + "tenant 'https://sts.windows.net/\(settings.tenant)/' associated with this subscription.")
        }
        if !path.subscription.isEmpty, path.subscription.lowercased() != settings.cloud.subscription.lowercased() {
            throw AzureError(
                404, "SubscriptionNotFound", "The subscription '\(path.subscription)' could not be found.")
        }
        guard let right = path.right, !caller.may(right.action, on: right.scope) else { return caller }
        throw AzureError(
            403, "AuthorizationFailed",
            "The client '\(caller.client)' with object id '\(caller.object)' does not have authorization to perform "
                + "action '\(right.action)' over scope '\(right.scope)' or the scope is invalid. If access was recently "
                + "granted, please refresh your credentials.")
    }

    private func bearer(_ call: Call, _ now: Instant) throws(AzureError) -> Tokens.Issued {
        guard let field = call["authorization"] else {
            throw refusal(
                call, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
        }
        guard field.hasPrefix("Bearer ") else {
            throw refusal(
                call, "AuthenticationFailedInvalidHeader",
                "Authentication failed. The 'Authorization' header is provided in an invalid format.")
        }
        guard let issued = tokens.find(String(field.dropFirst("Bearer ".count))) else {
            throw refusal(call, "InvalidAuthenticationToken", "The access token is invalid.")
        }
        guard issued.expires > now else {
            throw refusal(
                call, "ExpiredAuthenticationToken",
                "The access token expiry UTC time '\(issued.expires.isoDate)' is earlier than current UTC time "
                    + "'\(now.isoDate)'.")
        }
        let audience = issued.audience.last == "/" ? String(issued.audience.dropLast()) : issued.audience
        let known = [settings.cloud.audience, "https://management.core.windows.net"]
        guard known.contains(audience) else {
            throw refusal(
                call, "InvalidAuthenticationTokenAudience",
                "The access token has been obtained for wrong audience or resource '\(issued.audience)'. It should "
                    + "exactly match with one of the allowed audiences '\(known.joined(separator: "','"))'.")
        }
        return issued
    }

    private func refusal(_ call: Call, _ code: String, _ text: String) -> AzureError {
        AzureError(401, code, text).sending(
            "WWW-Authenticate",
            "Bearer authorization_uri=\"\(call.origin)/\(settings.tenant)\", error=\"invalid_token\", "
                + "error_description=\"\(text)\"")
    }
}

extension Tokens.Issued {
    /// Whether a role of the principal has an action in a scope.
    ///
    /// - Parameter action: `Microsoft.Compute/disks/write`.
    func may(_ action: String, on scope: String) -> Bool {
        let isInside =
            self.scope.isEmpty || scope.lowercased() == self.scope.lowercased()
            || scope.lowercased().hasPrefix(self.scope.lowercased() + "/")
        return isInside
            && actions.contains { Self.matches(Array($0.lowercased().utf8)[...], Array(action.lowercased().utf8)[...]) }
    }

    /// A pattern in which `*` stands for any run of characters.
    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == UInt8(ascii: "*") {
            return matches(pattern.dropFirst(), text) || (!text.isEmpty && matches(pattern, text.dropFirst()))
        }
        return text.first == first && matches(pattern.dropFirst(), text.dropFirst())
    }
}
