import Engine

/// How requests to the Blob service are authorized.
package enum AzureCredentials: Sendable {
    case key(SharedKey)
    case signature(SharedAccessSignature)
    case token(EntraTokens)

    /// - Throws: `.configuration` unless exactly one way is configured, or when it cannot work.
    static func check(_ settings: AzureBlobTarget.Settings) throws(EngineError) {
        let given = [
            settings.key != nil, settings.sas != nil, settings.clientCredentials != nil,
            settings.managedIdentity != nil,
        ]
        guard given.count(where: { $0 }) == 1 else {
            throw EngineError(
                .configuration, "give exactly one of `key`, `sas`, `clientCredentials` and `managedIdentity`")
        }
    }

    static func reveal(
        _ settings: AzureBlobTarget.Settings, in context: PluginContext, _ tokens: EntraTokens.Surroundings
    ) throws(EngineError) -> AzureCredentials {
        if let key = settings.key {
            return .key(try SharedKey(account: settings.account, key: try context.reveal(key)))
        }
        if let sas = settings.sas { return .signature(try SharedAccessSignature(try context.reveal(sas))) }
        if let application = settings.clientCredentials {
            let secret = try context.reveal(application.secret)
            let authority = try HTTPAddress(application.authority, key: "authority")
            guard authority.isSecure || authority.isLoopback else {
                throw EngineError(.configuration, "`authority`: secrets go to an https address only")
            }
            return .token(
                EntraTokens(.application(authority, application.tenant, application.clientId, secret), tokens))
        }
        guard let identity = settings.managedIdentity else {
            throw EngineError(.bug, "credentials are missing although they were checked")
        }
        return .token(
            EntraTokens(.machine(try HTTPAddress(identity.endpoint, key: "endpoint"), identity.clientId), tokens))
    }
}
