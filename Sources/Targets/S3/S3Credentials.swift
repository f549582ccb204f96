import Engine

/// Who we are to the store.
struct S3Credentials: Sendable {
    let accessKey: String
    let secretKey: String
    let sessionToken: String?

    /// As configured; what is not configured comes from the environment, by the names that other programs use.
    init(_ settings: S3Target.Settings, in context: PluginContext) throws(EngineError) {
        guard let key = settings.accessKey, let secret = settings.secretKey else {
            try self.init(environmentOf: context)
            return
        }
        var token: String?
        if let secret = settings.sessionToken { token = try context.reveal(secret) }
        self.init(accessKey: key, secretKey: try context.reveal(secret), sessionToken: token)
    }

    private init(accessKey: String, secretKey: String, sessionToken: String?) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }

    private init(environmentOf context: PluginContext) throws(EngineError) {
        func value(_ name: String) throws(EngineError) -> String {
            try context.reveal(Secret(.environment(name), at: "neither `accessKey` and `secretKey` are set, and"))
        }
        self.init(
            accessKey: try value("AWS_ACCESS_KEY_ID"), secretKey: try value("AWS_SECRET_ACCESS_KEY"),
            sessionToken: try? value("AWS_SESSION_TOKEN"))
    }
}
